"""The only place that reads the clock. Everything else is given ``as_of``."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel.market_time import MARKET_ZONE


def now() -> dt.datetime:
    """The present instant, aware UTC."""
    return dt.datetime.now(dt.UTC)


def market_today() -> dt.date:
    """The present local date of the market."""
    return now().astimezone(MARKET_ZONE).date()
