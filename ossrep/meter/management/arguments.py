"""Arguments that several sub-commands share."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from ossrep.kernel import clock
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.kernel.periods import DatePeriod
from ossrep.meter.queries.service_windows import ServiceWindow, list_service_windows


def date(text: str) -> dt.date:
    """A date ``YYYY-MM-DD`` of the command line."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


def month(text: str) -> dt.date:
    """The first day of a month ``YYYY-MM``."""
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a month YYYY-MM") from None


def instant(text: str) -> dt.datetime:
    """An ISO 8601 time, local unless it has an offset; a date stands for its last second."""
    try:
        if len(text) == 10:
            # So that what arrives on the day can be of the day itself.
            next_day = dt.date.fromisoformat(text) + dt.timedelta(days=1)
            midnight = dt.datetime.combine(next_day, dt.time(), MARKET_ZONE)
            return midnight - dt.timedelta(seconds=1)
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is neither a date nor an ISO 8601 time") from None
    return found if found.tzinfo else found.replace(tzinfo=MARKET_ZONE)


def add_window_arguments(parser: ArgumentParser) -> None:
    """``--cycle``, ``--esi-id``, ``--as-of``, ``--period``: whose days, and which."""
    parser.add_argument("--cycle", metavar="07", help="Read cycle; all, unless given.")
    parser.add_argument("--esi-id", action="append", default=[], metavar="ESI", dest="esi_ids")
    parser.add_argument(
        "--as-of", type=date, metavar="DATE", help="Date of the bill run; today, unless given."
    )
    parser.add_argument(
        "--period",
        nargs=2,
        type=date,
        metavar=("START", "END"),
        help="Local dates from START up to, not including END; between the last two read dates "
        "of each cycle, unless given.",
    )


def as_of(options: Namespace) -> dt.date:
    """The date given, or the market's today."""
    found: dt.date = options.as_of or clock.market_today()
    return found


def windows_of(options: Namespace) -> list[ServiceWindow]:
    """The windows that the arguments choose."""
    return list_service_windows(
        read_cycle=options.cycle,
        as_of=as_of(options),
        period=DatePeriod(*options.period) if options.period else None,
        esi_ids=options.esi_ids,
    )
