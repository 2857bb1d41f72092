"""The only place that reads the clock. Everything else is given ``as_of``."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextvars import ContextVar

from ossrep.kernel.market_time import MARKET_ZONE

_standing: ContextVar[dt.datetime | None] = ContextVar("ossrep_clock_standing", default=None)


def now() -> dt.datetime:
    """The present instant, aware UTC; inside ``standing_at`` that instant."""
    return _standing.get() or dt.datetime.now(dt.UTC)


def market_today() -> dt.date:
    """The present local date of the market."""
    return now().astimezone(MARKET_ZONE).date()


@contextlib.contextmanager
def standing_at(instant: dt.datetime | None) -> Iterator[None]:
    """Lets the clock stand at an aware instant (None: lets it run), for this thread's calls.

    For commands that play another day than today, with ``--as-of``: what they call asks the clock
    in places that cannot be told (handlers of events).
    """
    if instant is None:
        yield
        return
    token = _standing.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _standing.reset(token)
