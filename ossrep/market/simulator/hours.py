"""The market's working hours, as the simulated market keeps them (RMG 7.7)."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.simulator import tables

_OPENS, _CLOSES = dt.time(8), dt.time(17)
_SATURDAY = 5
_DAYS_MAX = 400


def is_business_day(date: dt.date) -> bool:
    """Monday to Friday without the market's holidays."""
    return date.weekday() < _SATURDAY and date not in tables.holidays()


def next_business_day(date: dt.date, days: int = 1) -> dt.date:
    """The business day so many after a date; negative counts back."""
    step = dt.timedelta(days=1 if days > 0 else -1)
    left = abs(days)
    for _ in range(_DAYS_MAX):
        if left == 0:
            break
        date += step
        left -= is_business_day(date)
    return date


def local(date: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of the market's wall clock, aware UTC."""
    return dt.datetime.combine(date, dt.time(hour, minute), MARKET_ZONE).astimezone(dt.UTC)


def local_date(instant: dt.datetime) -> dt.date:
    """The market's date at an instant."""
    return instant.astimezone(MARKET_ZONE).date()


def after(instant: dt.datetime, amount: int, unit: str) -> dt.datetime:
    """So many minutes (``m``), clock hours (``h``) or retail business hours (``bh``) later."""
    if unit == "m":
        return instant + dt.timedelta(minutes=amount)
    if unit == "h":
        return instant + dt.timedelta(hours=amount)
    return _after_business_hours(instant, dt.timedelta(hours=amount))


def _after_business_hours(instant: dt.datetime, left: dt.timedelta) -> dt.datetime:
    now = _opened(instant)
    for _ in range(_DAYS_MAX):
        closes = dt.datetime.combine(now.date(), _CLOSES)
        if now + left <= closes:
            break
        left -= closes - now
        now = dt.datetime.combine(next_business_day(now.date()), _OPENS)
    return (now + left).replace(tzinfo=MARKET_ZONE).astimezone(dt.UTC)


def _opened(instant: dt.datetime) -> dt.datetime:
    """The wall clock at the first working moment not before an instant."""
    now = instant.astimezone(MARKET_ZONE).replace(tzinfo=None)
    if is_business_day(now.date()) and now.time() < _CLOSES:
        return max(now, dt.datetime.combine(now.date(), _OPENS))
    return dt.datetime.combine(next_business_day(now.date()), _OPENS)
