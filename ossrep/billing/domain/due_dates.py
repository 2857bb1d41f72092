"""When an invoice is due (16 TAC §25.480(b)): 16 days, or the next business day."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

GRACE_DAYS = 16
_ONE_DAY = dt.timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6

# Federal holidays (5 U.S.C. 6103(a)) on a day of the month, and from which year on.
_ON_A_DAY = ((1, 1, 0), (6, 19, 2021), (7, 4, 0), (11, 11, 0), (12, 25, 0))
# Those on the n-th such weekday of a month; the last Monday of May is the -1st.
_ON_A_WEEKDAY = (
    (1, 3, _MONDAY),
    (2, 3, _MONDAY),
    (5, -1, _MONDAY),
    (9, 1, _MONDAY),
    (10, 2, _MONDAY),
    (11, 4, _THURSDAY),
)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[dt.date]:
    """The days of a year on which federal holidays are observed.

    Written out here, for a library of all countries' holidays costs every command a fifth of a
    second. A holiday on Saturday is observed the day before, one on Sunday the day after
    (5 U.S.C. 6103(b)); so New Year's Day may be observed in the year before its own.
    """
    dates = [_nth_weekday(year, *rule) for rule in _ON_A_WEEKDAY]
    for of_year in (year, year + 1):
        dates += [
            _observed(dt.date(of_year, month, day))
            for month, day, since in _ON_A_DAY
            if of_year >= since
        ]
    return frozenset(date for date in dates if date.year == year)


def _nth_weekday(year: int, month: int, number: int, weekday: int) -> dt.date:
    if number < 0:
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        return following - dt.timedelta(days=(following.weekday() - weekday - 1) % 7 + 1)
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(date: dt.date) -> dt.date:
    if date.weekday() == _SATURDAY:
        return date - _ONE_DAY
    return date + _ONE_DAY if date.weekday() == _SUNDAY else date


def is_business_day(date: dt.date) -> bool:
    """True on Monday to Friday, federal holidays (as observed) left out."""
    return date.weekday() < _SATURDAY and date not in federal_holidays(date.year)


@lru_cache(maxsize=1024)
def due_date(issue_date: dt.date) -> dt.date:
    """The 16th day after issue; where that is no business day, the next one that is."""
    date = issue_date + dt.timedelta(days=GRACE_DAYS)
    while not is_business_day(date):
        date += _ONE_DAY
    return date
