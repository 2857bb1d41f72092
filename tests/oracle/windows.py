"""Time-of-use calendars: buckets of windows of local wall-clock time, and an `otherwise` bucket."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tests.oracle.exact import Refusal
from tests.oracle.market_days import Season, day_type

DAY_TYPES = ("weekday", "weekend", "holiday")
MINUTES_PER_DAY = 24 * 60
WHOLE_YEAR = (Season((1, 1), (12, 31)),)
_YEAR_OF_EVERY_DAY = 2024


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)` in minutes of the local day; over midnight when start is after end."""

    start: int
    end: int
    days: frozenset[str]
    seasons: tuple[Season, ...]

    def holds_minute(self, minute: int) -> bool:
        """Whether a wall-clock minute lies in the window, on either side of midnight."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def holds_month_day(self, month_day: tuple[int, int]) -> bool:
        """Whether a day of the year lies in one of the seasons."""
        return any(season.holds(month_day) for season in self.seasons)

    def holds(self, date: dt.date, kind_of_day: str, minute: int) -> bool:
        """Whether a quarter hour lies in the window, judged by its own date and start minute."""
        return (
            kind_of_day in self.days
            and self.holds_month_day((date.month, date.day))
            and self.holds_minute(minute)
        )


@dataclass(frozen=True, slots=True)
class Bucket:
    """A named set of windows; the `otherwise` bucket has none."""

    name: str
    label: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Buckets in printed order, the bucket of what no window holds, and the list of holidays."""

    buckets: tuple[Bucket, ...]
    otherwise: Bucket
    holidays: frozenset[dt.date]

    @property
    def all_buckets(self) -> tuple[Bucket, ...]:
        """Every bucket in printed order: `otherwise` stands last."""
        return (*self.buckets, self.otherwise)

    def bucket_name(self, date: dt.date, minute: int) -> str:
        """The bucket to which the quarter hour that starts at this minute belongs."""
        kind_of_day = day_type(date, self.holidays)
        for bucket in self.buckets:
            if any(window.holds(date, kind_of_day, minute) for window in bucket.windows):
                return bucket.name
        return self.otherwise.name


def read_clock(value: object, where: str) -> int:
    """Minutes after midnight of `HH:MM`; `24:00` is the end of the day."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{2}:[0-9]{2}", value):
        hours, minutes = int(value[:2]), int(value[3:])
        if (hours < 24 and minutes < 60) or value == "24:00":
            return hours * 60 + minutes
    raise Refusal("not_a_time", where, f"{value!r} is not a time written HH:MM")


def read_window_times(start: object, end: object, where: str) -> tuple[int, int]:
    """The two ends of a window; equal ends are refused, a whole day is 00:00 to 24:00."""
    first, last = read_clock(start, f"{where}.from"), read_clock(end, f"{where}.to")
    if first == MINUTES_PER_DAY:
        raise Refusal("not_a_time", f"{where}.from", "a window cannot start at 24:00")
    if first == last:
        raise Refusal("empty_window", where, "both ends are equal; a whole day is 00:00 to 24:00")
    return first, last


def refuse_overlaps(buckets: Iterable[Bucket], where: str) -> None:
    """Refuse windows of two buckets that could hold the same minute of the same day."""
    for one, other in itertools.combinations(buckets, 2):
        for left, right in itertools.product(one.windows, other.windows):
            if _overlap(left, right):
                raise Refusal("overlap", where, f"buckets {one.name} and {other.name} overlap")


def _overlap(left: Window, right: Window) -> bool:
    minutes = range(MINUTES_PER_DAY)
    return (
        bool(left.days & right.days)
        and any(left.holds_minute(m) and right.holds_minute(m) for m in minutes)
        and any(left.holds_month_day(d) and right.holds_month_day(d) for d in _days_of_year())
    )


@lru_cache(maxsize=1)
def _days_of_year() -> tuple[tuple[int, int], ...]:
    first = dt.date(_YEAR_OF_EVERY_DAY, 1, 1)
    dates = [first + dt.timedelta(days=n) for n in range(366)]
    return tuple((date.month, date.day) for date in dates)
