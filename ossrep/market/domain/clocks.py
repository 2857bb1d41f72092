"""The market's clocks: when something that is owed is due (RMG 7.7, appendix D1).

All instants that come in are aware; all that go out are aware UTC. Counting is done in local
dates and wall times of America/Chicago, so a change of clocks never moves a limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE, local_midnight

BUSINESS_OPENS = dt.time(8)
BUSINESS_CLOSES = dt.time(17)
DAYS_SEARCHED_MAX = 1500
_SATURDAY = 5
_DAY = dt.timedelta(days=1)


class ClockError(DomainError):
    """A limit that cannot be counted: a naive instant, a unit its clock does not count."""

    code = "clock_error"


class Clock(StrEnum):
    """How a limit is counted; the names are those of the timing table."""

    RBH = "RBH"
    """Retail Business Hours: only 08:00-17:00 of Retail Business Days count."""
    BH = "BH"
    """Business Hours: the same on ERCOT's Business Days."""
    WALL = "WALL"
    """Elapsed time, nights and weekends included."""
    RBD24 = "RBD24"
    """Elapsed time of Retail Business Days, all 24 hours of them, and of no other day."""
    DAY = "DAY"
    """Whole (Retail) Business Days."""
    CAL = "CAL"
    """Calendar days."""
    NONE = "NONE"
    """Nothing is owed by a time."""


class Unit(StrEnum):
    """What a limit's value counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    RETAIL_BUSINESS_DAYS = "retail_business_days"
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"


class Bound(StrEnum):
    """Which side of the instant is allowed."""

    BY = ""
    """Owed by then."""
    MIN = "MIN"
    """Not before."""
    MAX = "MAX"
    """Not after."""
    LATEST = "LATEST"
    """On or before that day."""


class DayZero(StrEnum):
    """Which day is Day 0 of a count of days."""

    RECEIPT = "receipt"
    """The day of receipt; after 17:00 or on a day that is none, the next (Retail) Business Day."""
    DATE = "date"
    """The trigger's own local date, whatever the hour."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Whose holidays count; weekends are never business days."""

    name: str
    holidays: frozenset[dt.date] = frozenset()

    def is_business_day(self, date: dt.date) -> bool:
        """Monday to Friday, no holiday."""
        return date.weekday() < _SATURDAY and date not in self.holidays

    def next_business_day(self, date: dt.date) -> dt.date:
        """``date`` itself where it is one, else the first after it."""
        return self._search(date, step=1)

    def add_business_days(self, date: dt.date, days: int) -> dt.date:
        """The ``days``-th business day strictly after (negative: before) ``date``.

        With 0 days ``date`` itself, or the next business day where it is none.
        """
        if days == 0:
            return self.next_business_day(date)
        step = 1 if days > 0 else -1
        for _ in range(abs(days)):
            date = self._search(date + step * _DAY, step=step)
        return date

    def _search(self, date: dt.date, *, step: int) -> dt.date:
        for offset in range(DAYS_SEARCHED_MAX):
            found = date + step * offset * _DAY
            if self.is_business_day(found):
                return found
        raise ClockError(f"calendar {self.name} has no business day near {date}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row of the timing table: how long, in which clock.

    ``value`` is negative where it counts back from the trigger, None with clock NONE. ``by`` is
    a wall time of the last day. ``window`` is when a thing may be done at all, ``[from, to)``.
    """

    clock: Clock
    value: Fraction | None = None
    unit: Unit | None = None
    bound: Bound = Bound.BY
    by: dt.time | None = None
    day_zero: DayZero = DayZero.RECEIPT
    window: tuple[dt.time, dt.time] | None = None

    def __post_init__(self) -> None:
        if self.clock is Clock.NONE:
            if self.value is not None or self.unit is not None:
                raise ClockError("a limit with clock NONE has neither value nor unit")
            return
        if self.value is None or self.unit not in _UNITS_OF[self.clock]:
            raise ClockError(f"clock {self.clock} does not count {self.value} {self.unit}")
        if self.unit in _DAY_UNITS and self.value.denominator != 1:
            raise ClockError(f"days are whole, not {self.value}")
        if self.unit not in _DAY_UNITS and self.value < 0:
            raise ClockError("hours and minutes are counted forward only")


_HOUR_UNITS = frozenset({Unit.MINUTES, Unit.HOURS})
_DAY_UNITS = frozenset({Unit.RETAIL_BUSINESS_DAYS, Unit.BUSINESS_DAYS, Unit.CALENDAR_DAYS})
_UNITS_OF: Mapping[Clock, frozenset[Unit]] = {
    Clock.RBH: _HOUR_UNITS,
    Clock.BH: _HOUR_UNITS,
    Clock.WALL: _HOUR_UNITS,
    Clock.RBD24: _HOUR_UNITS,
    Clock.DAY: frozenset({Unit.RETAIL_BUSINESS_DAYS, Unit.BUSINESS_DAYS}),
    Clock.CAL: frozenset({Unit.CALENDAR_DAYS}),
    Clock.NONE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One leg of an answer's way: its limit and by whose calendar it is counted.

    ``calendar`` is ``ERCOT``, or ``TDSP`` for the wires company of the order at hand.
    """

    limit: Limit
    calendar: str = "ERCOT"


@dataclass(frozen=True, slots=True)
class Calendars:
    """The holiday tables by market: ERCOT's, and each TDSP's by its code."""

    ercot: Calendar
    by_tdsp: Mapping[str, Calendar] = field(default_factory=dict)

    def find(self, *, calendar: str, tdsp_code: str = "") -> Calendar:
        """The table of a hop; ERCOT's where a TDSP has none of its own."""
        if calendar == "TDSP":
            return self.by_tdsp.get(tdsp_code, self.ercot)
        return self.by_tdsp.get(calendar, self.ercot)


def due_at(*, start: dt.datetime, limit: Limit, calendar: Calendar) -> dt.datetime | None:
    """The last instant of a limit (with MIN the first allowed one); None with clock NONE.

    Days end at 17:00 in clock DAY, and at midnight (the first instant of the next date) in clock
    CAL, unless the limit names a wall time. Raises ClockError on a naive instant.
    """
    if start.tzinfo is None:
        raise ClockError("an instant without a time zone cannot be counted from")
    if limit.value is None or limit.unit is None:
        return None
    if limit.unit in _HOUR_UNITS:
        return _after_hours(start, limit, calendar)
    due_date = last_date(start=start, limit=limit, calendar=calendar)
    if limit.by is not None:
        return _instant(due_date, limit.by)
    if limit.clock is Clock.DAY:
        return _instant(due_date, BUSINESS_CLOSES)
    if limit.bound is Bound.MIN:
        return local_midnight(due_date)
    return local_midnight(due_date + _DAY)


def last_date(*, start: dt.datetime, limit: Limit, calendar: Calendar) -> dt.date:
    """The local date to which a limit in days counts. Raises ClockError for hours and NONE."""
    if limit.value is None or limit.unit not in _DAY_UNITS:
        raise ClockError(f"clock {limit.clock} does not count days")
    days = int(limit.value)
    if limit.unit is Unit.CALENDAR_DAYS:
        return start.astimezone(MARKET_ZONE).date() + days * _DAY
    return calendar.add_business_days(day_zero(start=start, limit=limit, calendar=calendar), days)


def day_zero(*, start: dt.datetime, limit: Limit, calendar: Calendar) -> dt.date:
    """Day 0 of a count of business days (RMG 7.7(2)(c) and (d))."""
    local = start.astimezone(MARKET_ZONE)
    if limit.day_zero is DayZero.DATE:
        return local.date()
    is_late = local.time() > BUSINESS_CLOSES
    return calendar.next_business_day(local.date() + _DAY if is_late else local.date())


def chain_due_at(
    *, start: dt.datetime, hops: Sequence[Hop], calendars: Calendars, tdsp_code: str = ""
) -> dt.datetime | None:
    """When an answer is due that travels over several hops, each starting when the last is due.

    None where no hop has a limit. Raises ClockError for a naive instant.
    """
    due: dt.datetime | None = None
    for hop in hops:
        calendar = calendars.find(calendar=hop.calendar, tdsp_code=tdsp_code)
        next_due = due_at(start=due or start, limit=hop.limit, calendar=calendar)
        due = next_due if next_due is not None else due
    return due


def is_inside_window(*, at: dt.datetime, limit: Limit) -> bool:
    """True where a limit names no window of the day, or ``at`` lies in it."""
    if limit.window is None:
        return True
    opens, closes = limit.window
    return opens <= at.astimezone(MARKET_ZONE).time() < closes


def _after_hours(start: dt.datetime, limit: Limit, calendar: Calendar) -> dt.datetime:
    assert limit.value is not None
    factor = 60 if limit.unit is Unit.MINUTES else 3600
    left = dt.timedelta(seconds=int(limit.value * factor))
    if limit.clock is Clock.WALL:
        due = start.astimezone(dt.UTC) + left
    else:
        due = _after_open_time(start, left, calendar, all_day=limit.clock is Clock.RBD24)
    return due if limit.by is None else _instant(due.astimezone(MARKET_ZONE).date(), limit.by)


def _after_open_time(
    start: dt.datetime, left: dt.timedelta, calendar: Calendar, *, all_day: bool
) -> dt.datetime:
    at, date = start.astimezone(dt.UTC), start.astimezone(MARKET_ZONE).date()
    for _ in range(DAYS_SEARCHED_MAX):
        date = calendar.next_business_day(date)
        opens, closes = _open_span(date, all_day=all_day)
        begin = max(at, opens)
        if begin < closes or (begin == closes and not left):
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        date += _DAY
    raise ClockError(f"a limit of {left} more does not end within {DAYS_SEARCHED_MAX} days")


def _open_span(date: dt.date, *, all_day: bool) -> tuple[dt.datetime, dt.datetime]:
    if all_day:
        return local_midnight(date), local_midnight(date + _DAY)
    return _instant(date, BUSINESS_OPENS), _instant(date, BUSINESS_CLOSES)


def _instant(date: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(date, time, MARKET_ZONE).astimezone(dt.UTC)
