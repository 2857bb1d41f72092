"""Time-of-use calendars: which bucket a quarter hour of the market's local time falls in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes

MINUTES_PER_DAY = 24 * 60
_SATURDAY = 5
_LEAP_YEAR = 2024


class DayType(StrEnum):
    """One type for each date: ``holiday`` goes before ``weekend`` before ``weekday``."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


ALL_DAY_TYPES = frozenset(DayType)


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of any year; 29 February counts."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Season:
    """Days of the year, both ends included; over the year's end when ``first`` is the later."""

    first: MonthDay
    last: MonthDay

    def holds(self, date: MonthDay) -> bool:
        """True when the day lies in the season."""
        if self.first <= self.last:
            return self.first <= date <= self.last
        return date >= self.first or date <= self.last

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock minutes ``[from, to)`` on some day types and seasons.

    ``from_minute > to_minute`` runs over midnight; what lies after midnight is judged by its own
    date. ``to_minute`` is 1440 for ``24:00``. No seasons is the whole year.
    """

    from_minute: int
    to_minute: int
    days: frozenset[DayType] = ALL_DAY_TYPES
    seasons: tuple[Season, ...] = ()

    def spans(self) -> tuple[tuple[int, int], ...]:
        """The minute ranges of one date, each ``[from, to)``: one, or two over midnight."""
        if self.from_minute < self.to_minute:
            return ((self.from_minute, self.to_minute),)
        spans = ((self.from_minute, MINUTES_PER_DAY), (0, self.to_minute))
        return tuple(span for span in spans if span[0] < span[1])

    def applies_on(self, day_type: DayType, date: MonthDay) -> bool:
        """True when the window's day types and seasons hold this date."""
        return day_type in self.days and (
            not self.seasons or any(season.holds(date) for season in self.seasons)
        )

    def overlaps(self, other: Window) -> bool:
        """True when some minute of some date lies in both."""
        if not self.days & other.days:
            return False
        if not any(
            a_from < b_to and b_from < a_to
            for a_from, a_to in self.spans()
            for b_from, b_to in other.spans()
        ):
            return False
        return bool(_days_of(self.seasons) & _days_of(other.seasons))

    def __str__(self) -> str:
        days = "/".join(day for day in DayType if day in self.days)
        seasons = f" {', '.join(map(str, self.seasons))}" if self.seasons else ""
        return f"{clock(self.from_minute)}-{clock(self.to_minute)} {days}{seasons}"


@dataclass(frozen=True, slots=True)
class TouBucket:
    """A named part of the week with its own price; the ``otherwise`` bucket has no windows."""

    name: str
    label: str
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class TouCalendar:
    """Buckets in printed order, the one that takes the rest, and the holidays."""

    buckets: tuple[TouBucket, ...]
    otherwise: TouBucket
    holidays: frozenset[dt.date] = frozenset()

    @property
    def all_buckets(self) -> tuple[TouBucket, ...]:
        """Every bucket in the order of the bill's lines, ``otherwise`` last."""
        return (*self.buckets, self.otherwise)

    def day_type(self, date: dt.date) -> DayType:
        """The one type of a local date."""
        if date in self.holidays:
            return DayType.HOLIDAY
        return DayType.WEEKEND if date.weekday() >= _SATURDAY else DayType.WEEKDAY

    def bucket_index(self, date: dt.date) -> NDArray[np.int16]:
        """The bucket of each quarter hour of a local date, as index into ``all_buckets``.

        Shape ``(92|96|100,)``. A quarter hour belongs to the date and minute of its start.
        """
        minutes = interval_start_minutes(date)
        day_type, month_day = self.day_type(date), MonthDay(date.month, date.day)
        index = np.full(minutes.shape, len(self.buckets), dtype=np.int16)
        for number, bucket in enumerate(self.buckets):
            for window in bucket.windows:
                if window.applies_on(day_type, month_day):
                    for first, end in window.spans():
                        index[(minutes >= first) & (minutes < end)] = number
        return index


def clock(minute: int) -> str:
    """``HH:MM`` of a minute of the day; 1440 is ``24:00``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def is_day_of_year(day: MonthDay) -> bool:
    """True for a month and day that some year has."""
    return day in _leap_year()


@lru_cache(maxsize=1)
def _leap_year() -> dict[MonthDay, int]:
    """All 366 days of a year, numbered."""
    dates = (dt.date(_LEAP_YEAR, 1, 1) + dt.timedelta(days=d) for d in range(366))
    return {MonthDay(date.month, date.day): number for number, date in enumerate(dates)}


@lru_cache(maxsize=1024)
def _days_of(seasons: tuple[Season, ...]) -> int:
    """The days of some seasons as bits; no seasons is the whole year."""
    return sum(
        1 << number
        for day, number in _leap_year().items()
        if not seasons or any(season.holds(day) for season in seasons)
    )
