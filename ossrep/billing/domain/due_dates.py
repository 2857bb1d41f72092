"""When an invoice is due (16 TAC §25.480(b)): 16 days, or the next business day."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays

GRACE_DAYS = 16
_ONE_DAY = dt.timedelta(days=1)


@lru_cache(maxsize=64)
def _federal_holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("US", years=year))


def is_business_day(date: dt.date) -> bool:
    """True on Monday to Friday, federal holidays (as observed) left out."""
    return date.weekday() < 5 and date not in _federal_holidays(date.year)


@lru_cache(maxsize=1024)
def due_date(issue_date: dt.date) -> dt.date:
    """The 16th day after issue; where that is no business day, the next one that is."""
    date = issue_date + dt.timedelta(days=GRACE_DAYS)
    while not is_business_day(date):
        date += _ONE_DAY
    return date
