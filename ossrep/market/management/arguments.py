"""Arguments that several sub-commands take."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.usecases.orders.starting import Person
from ossrep.published.customer import Address


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


def add_person(parser: ArgumentParser) -> None:
    """Who the customer is, as the market is told."""
    parser.add_argument("--name", required=True, help="the customer's name")
    parser.add_argument("--phone", default="", help="where he can be reached")
    parser.add_argument("--street", default="", help="first line of the service address")
    parser.add_argument("--city", default="")


def person_from(options: Namespace) -> Person:
    """The customer of ``add_person``."""
    address = Address(
        line1=options.street,
        line2="",
        city=options.city,
        state="TX" if options.city else "",
        zip_code=getattr(options, "zip", "") or "",
    )
    return Person(name=options.name, phone=options.phone, address=address)


def date_from(text: str, *, where: str) -> dt.date:
    """A local date like 2026-06-04. Raises TimeNotReadable."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise TimeNotReadable(f"{text!r} is no date like 2026-06-04", where=where) from None
