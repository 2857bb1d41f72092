"""Usage of one customer as series: what was served, its quarter hours, and sums of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import (
    MARKET_ZONE,
    interval_start,
    intervals_in_day,
    local_midnight,
)
from ossrep.kernel.periods import DatePeriod
from ossrep.meter.domain.interval_days import ACTUAL, MISSING
from ossrep.published.meter import MISSING_WH

ONE_DAY = dt.timedelta(days=1)
QUARTERS_PER_HOUR = 4
QUALITIES = ("actual", "estimated", "incomplete", "missing")
_ACTUAL, _ESTIMATED, _INCOMPLETE, _MISSING = range(4)


class Granularity(StrEnum):
    """How much time one reading covers."""

    QUARTER_HOUR = "15min"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The periods in which an account was served at an ESI ID: rising, a day between them."""

    esi_id: str
    periods: tuple[DatePeriod, ...]

    def dates(self, *, since: dt.date = dt.date.min) -> tuple[dt.date, ...]:
        """Each local date of them from ``since`` on."""
        return tuple(date for period in self.periods for date in period.dates() if date >= since)


@dataclass(frozen=True, slots=True)
class Channel:
    """The quarter hours of one direction over some local dates, days after each other.

    ``wh`` is ``MISSING_WH`` where there is no value; ``quality`` has the letters of a day.
    """

    direction: int
    dates: tuple[dt.date, ...]
    wh: NDArray[np.int32]
    quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """What the market billed the ESI ID for over local dates ``[start, end)``, in Wh."""

    period: DatePeriod
    import_wh: int
    export_wh: int


@dataclass(frozen=True, slots=True)
class PointUsage:
    """Everything of one ESI ID: export only where the meter has it."""

    occupancy: Occupancy
    channels: tuple[Channel, ...]
    registers: tuple[RegisterReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """Channel ``direction`` by equal spans of time; columns of equal length.

    ``starts`` and ``ends`` are local times with their offset. ``wh`` is the sum of the known
    quarter hours; ``quality`` is an index into ``QUALITIES``.
    """

    direction: int
    starts: Sequence[str]
    ends: Sequence[str]
    wh: NDArray[np.int64]
    missing: NDArray[np.int64]
    estimated: NDArray[np.int64]
    quality: NDArray[np.int64]


def occupancies(
    *, served: Iterable[tuple[str, dt.date, dt.date | None]], within: DatePeriod
) -> tuple[Occupancy, ...]:
    """By ESI ID: the periods ``(ESI ID, start, end)`` cut to ``within``, what touches made one."""
    by_esi_id: dict[str, list[DatePeriod]] = {}
    for esi_id, first, last in sorted(served, key=lambda period: period[:2]):
        start, end = max(first, within.start), min(last or within.end, within.end)
        if start >= end:
            continue
        periods = by_esi_id.setdefault(esi_id, [])
        if periods and start <= periods[-1].end:
            start, end = periods[-1].start, max(end, periods.pop().end)
        periods.append(DatePeriod(start, end))
    return tuple(Occupancy(esi_id, tuple(periods)) for esi_id, periods in by_esi_id.items())


def empty_channel(*, direction: int, dates: tuple[dt.date, ...]) -> Channel:
    """A channel of which nothing is known yet, to be filled."""
    size = sum(map(intervals_in_day, dates))
    return Channel(
        direction=direction,
        dates=dates,
        wh=np.full(size, MISSING_WH, dtype=np.int32),
        quality=np.full(size, MISSING, dtype=np.uint8),
    )


def day_slices(channel: Channel) -> Iterator[tuple[dt.date, slice]]:
    """Where each day stands among the channel's quarter hours."""
    at = 0
    for date in channel.dates:
        count = intervals_in_day(date)
        yield date, slice(at, at + count)
        at += count


def readings_of(*, channel: Channel, granularity: Granularity) -> Readings:
    """The channel by quarter hour, hour, local day or calendar month (cut where service is)."""
    spans = _spans(channel.dates, granularity)
    counts = np.array(spans.counts, dtype=np.int64)
    is_missing = channel.wh == MISSING_WH
    is_estimated = (channel.quality != ACTUAL) & ~is_missing
    known = np.where(is_missing, 0, channel.wh).astype(np.int64)
    missing, estimated = _sums(is_missing, counts), _sums(is_estimated, counts)
    quality = np.where(estimated > 0, _ESTIMATED, _ACTUAL)
    quality = np.where(missing > 0, _INCOMPLETE, quality)
    quality = np.where(missing == counts, _MISSING, quality)
    return Readings(
        direction=channel.direction,
        starts=spans.starts,
        ends=spans.ends,
        wh=_sums(known, counts),
        missing=missing,
        estimated=estimated,
        quality=quality.astype(np.int64),
    )


def _sums(
    values: NDArray[np.int64] | NDArray[np.bool_], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    if not len(counts):
        return np.zeros(0, dtype=np.int64)
    if len(counts) == len(values):
        return values.astype(np.int64)
    begins = np.cumsum(counts) - counts
    sums: NDArray[np.int64] = np.add.reduceat(values.astype(np.int64), begins)
    return sums


@dataclass(slots=True)
class _Spans:
    """Local times, and how many quarter hours each span has."""

    starts: list[str]
    ends: list[str]
    counts: list[int]


def _spans(dates: Sequence[dt.date], granularity: Granularity) -> _Spans:
    if granularity == Granularity.MONTH:
        return _months(dates)
    if granularity == Granularity.DAY:
        return _Spans(
            starts=[local_time(date) for date in dates],
            ends=[local_time(date + ONE_DAY) for date in dates],
            counts=[intervals_in_day(date) for date in dates],
        )
    step = QUARTERS_PER_HOUR if granularity == Granularity.HOUR else 1
    starts: list[str] = []
    ends: list[str] = []
    for date in dates:
        own = interval_times(date)[::step]
        starts += own
        ends += own[1:]
        ends.append(local_time(date + ONE_DAY))
    return _Spans(starts, ends, [step] * len(starts))


def _months(dates: Sequence[dt.date]) -> _Spans:
    spans = _Spans([], [], [])
    before: dt.date | None = None
    for date in dates:
        is_next = before is not None and date == before + ONE_DAY and date.day != 1
        if is_next:
            spans.ends[-1] = local_time(date + ONE_DAY)
            spans.counts[-1] += intervals_in_day(date)
        else:
            spans.starts.append(local_time(date))
            spans.ends.append(local_time(date + ONE_DAY))
            spans.counts.append(intervals_in_day(date))
        before = date
    return spans


@lru_cache(maxsize=8192)
def local_time(date: dt.date) -> str:
    """Local midnight at which a date begins, with its offset: ``2026-03-08T00:00:00-06:00``."""
    return local_midnight(date).astimezone(MARKET_ZONE).isoformat()


def interval_times(date: dt.date) -> list[str]:
    """The local time, with its offset, at which each quarter hour of a date starts."""
    day = date.isoformat()
    return [day + time for time in _times(local_time(date)[-6:], intervals_in_day(date))]


@lru_cache(maxsize=8)
def _times(offset: str, count: int) -> tuple[str, ...]:
    """All days that begin at the same offset with as many quarter hours have the same times."""
    example = _EXAMPLES[offset, count]
    starts = (interval_start(example, index) for index in range(count))
    return tuple(start.astimezone(MARKET_ZONE).isoformat()[10:] for start in starts)


_EXAMPLES = {
    ("-06:00", 96): dt.date(2026, 1, 1),
    ("-05:00", 96): dt.date(2026, 7, 1),
    ("-06:00", 92): dt.date(2026, 3, 8),
    ("-05:00", 100): dt.date(2026, 11, 1),
}
