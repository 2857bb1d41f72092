"""The market's local time and its grid of quarter hours; the only place that knows clock changes.

A market day runs from local midnight to local midnight and has 92, 96 or 100 quarter hours.
Interval ``i`` of a day starts ``15 * i`` real minutes after local midnight, so in spring the
intervals of 02:00-02:45 do not exist and in fall those of 01:00-01:45 exist twice.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MARKET_ZONE = ZoneInfo("America/Chicago")
MINUTES_PER_INTERVAL = 15
INTERVALS_PER_DAY_MAX = 100
_PLAIN_DAY = 96


def local_midnight(date: dt.date) -> dt.datetime:
    """The instant (aware UTC) at which a local date begins."""
    return dt.datetime.combine(date, dt.time(), MARKET_ZONE).astimezone(dt.UTC)


@lru_cache(maxsize=8192)
def intervals_in_day(date: dt.date) -> int:
    """92, 96 or 100: the quarter hours of a local date."""
    first, last = (
        dt.datetime.combine(date, time, MARKET_ZONE).utcoffset() or dt.timedelta()
        for time in (dt.time(), dt.time(23, 59))
    )
    return _PLAIN_DAY - (last - first) // dt.timedelta(minutes=MINUTES_PER_INTERVAL)


@lru_cache(maxsize=8192)
def _start_minutes(date: dt.date) -> tuple[int, ...]:
    midnight = local_midnight(date)
    step = dt.timedelta(minutes=MINUTES_PER_INTERVAL)
    starts = ((midnight + i * step).astimezone(MARKET_ZONE) for i in range(intervals_in_day(date)))
    return tuple(s.hour * 60 + s.minute for s in starts)


def interval_start_minutes(date: dt.date) -> NDArray[np.int16]:
    """Wall-clock minute (0..1425) at which each quarter hour starts: shape ``(92|96|100,)``."""
    return np.array(_start_minutes(date), dtype=np.int16)


def interval_start(date: dt.date, index: int) -> dt.datetime:
    """The instant (aware UTC) at which quarter hour ``index`` of a local date starts."""
    return local_midnight(date) + dt.timedelta(minutes=MINUTES_PER_INTERVAL * index)


def interval_counts(start: dt.date, end: dt.date) -> NDArray[np.int16]:
    """Quarter hours of each local date of ``[start, end)``: shape ``(days,)``."""
    days = (end - start).days
    return np.array(
        [intervals_in_day(start + dt.timedelta(days=d)) for d in range(days)], dtype=np.int16
    )
