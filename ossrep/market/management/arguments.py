"""Arguments that several sub-commands take."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE


class TimeNotReadable(DomainError):
    """An instant on the command line that cannot be read."""

    code = "time_not_readable"


def add_as_of(parser: ArgumentParser) -> None:
    """``--as-of WHEN``; without it the present."""
    parser.add_argument(
        "--as-of",
        metavar="WHEN",
        help="as if it were then: 2026-06-04T09:01 (Central time) or with an offset; else now",
    )


def as_of_from(options: Namespace) -> dt.datetime:
    """The instant of ``--as-of``, aware UTC. Raises TimeNotReadable."""
    if not options.as_of:
        return clock.now()
    try:
        at = dt.datetime.fromisoformat(options.as_of)
    except ValueError:
        raise TimeNotReadable(
            f"{options.as_of!r} is no time like 2026-06-04T09:01", where="--as-of"
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=MARKET_ZONE)
    return at.astimezone(dt.UTC)
