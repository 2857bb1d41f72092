"""Local dates of the Texas market: their quarter hours, seasons, and shares of a month."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.oracle.exact import Refusal

ZONE = ZoneInfo("America/Chicago")
PRORATIONS = ("none", "days_over_30_capped", "days_over_30", "calendar_month")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open local dates `[start, end)`: the start day counts, the end day does not."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> list[dt.date]:
        """The local dates of the period, in order."""
        return [self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days)]


def read_date(value: object, where: str) -> dt.date:
    """A local date written `YYYY-MM-DD`."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise Refusal("not_a_date", where, f"{value!r} is not a date written YYYY-MM-DD")


@lru_cache(maxsize=4096)
def quarter_hour_minutes(date: dt.date) -> tuple[int, ...]:
    """The wall-clock minute at which each quarter hour of a date starts: 92, 96 or 100 of them.

    Walked in real time from midnight to midnight, so that the hour which spring skips is absent
    and the hour which fall repeats is there twice.
    """
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=ZONE)
    moment = midnight.astimezone(dt.UTC)
    minutes = []
    while (local := moment.astimezone(ZONE)).date() == date:
        minutes.append(local.hour * 60 + local.minute)
        moment += dt.timedelta(minutes=15)
    return tuple(minutes)


def share_of_month(proration: str, period: Period) -> Fraction:
    """The share of a monthly amount, bound or fee that the period pays."""
    days = len(period.days)
    if proration == "none":
        return Fraction(1)
    if proration == "days_over_30_capped":
        return Fraction(min(days, 30), 30)
    if proration == "days_over_30":
        return Fraction(days, 30)
    return sum(
        (Fraction(1, calendar.monthrange(day.year, day.month)[1]) for day in period.days),
        Fraction(0),
    )


def day_type(date: dt.date, holidays: frozenset[dt.date]) -> str:
    """`holiday` before `weekend` before `weekday`: one type for each date."""
    if date in holidays:
        return "holiday"
    return "weekend" if date.weekday() >= 5 else "weekday"


@dataclass(frozen=True, slots=True)
class Season:
    """From one (month, day) to another, both included; over the year's end when reversed."""

    first: tuple[int, int]
    last: tuple[int, int]

    def holds(self, month_day: tuple[int, int]) -> bool:
        """Whether a (month, day) lies in the season."""
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


def read_month_day(value: object, where: str) -> tuple[int, int]:
    """A (month, day) written `MM-DD`; 29 February is one."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", value):
        month, day = int(value[:2]), int(value[3:])
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1]:
            return month, day
    raise Refusal("not_a_month_day", where, f"{value!r} is not a day of the year written MM-DD")
