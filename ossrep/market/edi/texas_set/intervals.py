"""The values of an interval meter as columns, and the clock times that name them.

A value is kept as a whole number of millionths of its unit (of a kWh: milliwatt-hours), which
holds every text of up to six decimals exactly; an instant as whole minutes since 1970 (UTC).
Texas names an interval by the local clock time at which it ends. That of midnight comes as 00:00
of the next day or as 24:00; in fall the clock times from 01:00 to 01:45 come twice, and the
order of the values tells which is which.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import MARKET_ZONE, local_midnight

MILLIONTHS = 1_000_000
MINUTES_DEFAULT = 15
MINUTES_PER_DAY = 1440
MINUTES_MAX = MINUTES_PER_DAY
_DECIMALS_MAX = 6
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTE = dt.timedelta(minutes=1)
_THOUSANDTHS_COLUMN = re.compile(r"(?:[0-9]{1,9}\.[0-9]{3},)*", re.ASCII)
_NUMBER = re.compile(r"(-?)([0-9]{0,12})(?:\.([0-9]{0,18}))?", re.ASCII)
_DATE = re.compile(r"[0-9]{8}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}", re.ASCII)


class UnreadableValue(ValueError):
    """The value at ``index`` of a column is not as ``expected``."""

    def __init__(self, index: int, found: str, expected: str) -> None:
        super().__init__(f"expected {expected}, not {found!r}")
        self.index = index
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalSeries:
    """A PM or PP loop's intervals as three columns of one length, in the order they were sent.

    ``millionths``: quantities in millionths of ``unit``. ``end_minutes``: minutes since 1970 UTC
    at which each interval ends; it began ``minutes`` before. ``qualifiers``: QTY01 of each (QD
    actual, KA estimated).
    """

    unit: str
    minutes: int
    end_minutes: tuple[int, ...]
    millionths: tuple[int, ...]
    qualifiers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.end_minutes)

    @property
    def total(self) -> Decimal:
        """The sum of the values, in ``unit``."""
        return Decimal(sum(self.millionths)).scaleb(-_DECIMALS_MAX)

    @property
    def start_at(self) -> dt.datetime:
        """The instant (aware UTC) at which the first interval began."""
        return _EPOCH + (self.end_minutes[0] - self.minutes) * _MINUTE

    @property
    def end_at(self) -> dt.datetime:
        """The instant (aware UTC) at which the last interval ended."""
        return _EPOCH + self.end_minutes[-1] * _MINUTE

    def starts(self) -> NDArray[np.datetime64]:
        """When each interval began: ``datetime64[m]`` in UTC, shape ``(intervals,)``."""
        return (np.array(self.end_minutes, dtype=np.int64) - self.minutes).astype("datetime64[m]")

    def thousandths(self) -> NDArray[np.int64]:
        """Values in thousandths of the unit (of a kWh: Wh), halves to even, ``(intervals,)``."""
        micro = np.array(self.millionths, dtype=np.int64)
        whole, rest = np.divmod(micro, 1000)
        up = (rest > 500) | ((rest == 500) & (whole % 2 == 1))
        rounded: NDArray[np.int64] = whole + up
        return rounded

    def quantities(self) -> tuple[Decimal, ...]:
        """Values in ``unit``, exactly."""
        return tuple(Decimal(value).scaleb(-_DECIMALS_MAX) for value in self.millionths)


def interval_minutes(meter_type: str) -> int:
    """The length that a meter type (``KH015``) names, else a quarter of an hour."""
    digits = meter_type[2:]
    if digits.isascii() and digits.isdecimal() and 0 < int(digits) <= MINUTES_MAX:
        return int(digits)
    return MINUTES_DEFAULT


def read_millionths(texts: Sequence[str]) -> tuple[int, ...]:
    """Decimal texts as millionths; ``UnreadableValue`` for what is none, or is finer."""
    column = ",".join(texts) + ","
    if _THOUSANDTHS_COLUMN.fullmatch(column) and column.count(",") == len(texts):
        # Three decimals throughout is what meters send; without the points they are thousandths.
        wh = column[:-1].replace(".", "").split(",")
        return tuple([value * 1000 for value in map(int, wh)])
    return tuple([_read_one(index, text) for index, text in enumerate(texts)])


def _read_one(index: int, text: str) -> int:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise UnreadableValue(index, text, "a decimal number of at most 12 digits before the point")
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if not whole and not fraction:
        raise UnreadableValue(index, text, "a decimal number")
    if fraction[_DECIMALS_MAX:].strip("0"):
        raise UnreadableValue(index, text, "a quantity of at most six decimals")
    micro = int(whole or "0") * MILLIONTHS + int(fraction[:_DECIMALS_MAX].ljust(_DECIMALS_MAX, "0"))
    return -micro if sign else micro


def write_millionths(value: int) -> str:
    """The decimal text of so many millionths, with three decimals or as many more as it needs."""
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, micro = divmod(value, MILLIONTHS)
    if micro % 1000:
        return f"{sign}{whole}.{micro:06d}".rstrip("0")
    return f"{sign}{whole}.{micro // 1000:03d}"


def read_ends(dates: Sequence[str], times: Sequence[str], minutes: int) -> tuple[int, ...]:
    """Local dates and clock times (``20260218``, ``0015``) as minutes since 1970 UTC.

    A clock time that names two instants is the first of them that is later than the value
    before; one that the change in spring leaves out is read by the clock before the change.
    """
    if not dates:
        return ()
    first = _read_label(0, dates[0], times[0])[0]
    for midnight in ("0000", "2400"):
        if (list(dates), list(times)) == _labels_of(first, len(dates), minutes, midnight):
            return tuple(range(first, first + len(dates) * minutes, minutes))
    ends = [first]
    for index in range(1, len(dates)):
        instants = _read_label(index, dates[index], times[index])
        later = [instant for instant in instants if instant > ends[-1]]
        ends.append(later[0] if later else instants[0])
    return tuple(ends)


def write_ends(ends: Sequence[int], *, midnight: str = "0000") -> list[tuple[str, str]]:
    """The inverse: local date and clock time of each; midnight as ``0000`` or ``2400``."""
    return [_write_label(end, midnight) for end in ends]


def _labels_of(first: int, count: int, minutes: int, midnight: str) -> tuple[list[str], list[str]]:
    """Dates and times of an unbroken series."""
    dates: list[str] = []
    times: list[str] = []
    at = first
    while len(dates) < count:
        day_dates, day_times = _labels_of_day(_local_day(at), minutes, at, midnight)
        dates += day_dates
        times += day_times
        at += minutes * len(day_dates)
    return dates[:count], times[:count]


def _local_day(end: int) -> dt.date:
    """The local date to which the interval that ends then belongs."""
    return (_EPOCH + (end * 60 - 1) * dt.timedelta(seconds=1)).astimezone(MARKET_ZONE).date()


@lru_cache(maxsize=4096)
def _labels_of_day(
    date: dt.date, minutes: int, first: int, midnight: str
) -> tuple[list[str], list[str]]:
    """Labels of the ends from ``first`` to the midnight that ends ``date``; read-only."""
    last = _minutes_at(local_midnight(date + dt.timedelta(days=1)))
    labels = [_write_label(end, midnight) for end in range(first, last + 1, minutes)]
    return [date for date, _ in labels], [time for _, time in labels]


@lru_cache(maxsize=65_536)
def _write_label(end: int, midnight: str) -> tuple[str, str]:
    local = (_EPOCH + end * _MINUTE).astimezone(MARKET_ZONE)
    if midnight == "2400" and local.hour == 0 and local.minute == 0:
        local -= dt.timedelta(days=1)
        return f"{local:%Y%m%d}", "2400"
    return f"{local:%Y%m%d}", f"{local:%H%M}"


def _read_label(index: int, date: str, time: str) -> tuple[int, ...]:
    """The one or two instants that a label can mean, rising."""
    instants = _instants(date, time)
    if not instants:
        raise UnreadableValue(index, f"{date} {time}", "a date as CCYYMMDD and a time as HHMM")
    return instants


@lru_cache(maxsize=65_536)
def _instants(date: str, time: str) -> tuple[int, ...]:
    if not (_DATE.fullmatch(date) and _TIME.fullmatch(time)):
        return ()
    try:
        day = dt.date(int(date[:4]), int(date[4:6]), int(date[6:]))
        if time == "2400":
            day, time = day + dt.timedelta(days=1), "0000"
        clock = dt.datetime.combine(day, dt.time(int(time[:2]), int(time[2:])), MARKET_ZONE)
        ends = {_minutes_at(clock.replace(fold=fold)) for fold in (0, 1)}
    except (ValueError, OverflowError):
        return ()
    first = _minutes_at(clock)
    back = (_EPOCH + first * _MINUTE).astimezone(MARKET_ZONE).replace(tzinfo=None)
    return tuple(sorted(ends)) if back == clock.replace(tzinfo=None) else (first,)


def _minutes_at(instant: dt.datetime) -> int:
    return int((instant - _EPOCH) // _MINUTE)
