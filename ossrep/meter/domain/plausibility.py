"""What no interval file can truly say, whatever its format: days and times out of reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.domain.interval_days import DayBlock, day_start_us

FIRST_DATE = dt.date(2010, 1, 1)
"""Before it no advanced meters reported in this market."""
CLOCK_SKEW = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Implausible:
    """Days (indexes) with one fault; ``message`` is the same for all."""

    days: NDArray[np.intp]
    reason: str
    message: str


def find_implausible(
    *, block: DayBlock, today: dt.date, received_at: dt.datetime
) -> Iterator[Implausible]:
    """Faults of a block's days; one day may stand under several.

    A source time far in the future would outrank every later correction, and one before the
    day itself cannot know it.
    """
    received = np.datetime64(received_at.astimezone(dt.UTC).replace(tzinfo=None), "us")
    dates = np.unique(block.dates)
    if len(dates) and dates[-1] > np.datetime64(today, "D"):
        late = np.flatnonzero(block.dates > np.datetime64(today, "D"))
        yield Implausible(late, "future_date", f"the day lies after {today}")
    if len(dates) and dates[0] < np.datetime64(FIRST_DATE, "D"):
        early = np.flatnonzero(block.dates < np.datetime64(FIRST_DATE, "D"))
        yield Implausible(early, "date_too_old", f"the day lies before {FIRST_DATE}")
    if len(block) and block.source_times.max() > received + CLOCK_SKEW:
        ahead = np.flatnonzero(block.source_times > received + CLOCK_SKEW)
        message = f"the time of the values lies more than a day after {received_at:%Y-%m-%d %H:%M}"
        yield Implausible(ahead, "future_source_time", message)
    starts = np.array([day_start_us(date) for date in dates.tolist()], dtype=np.int64)
    start_of_day = starts.view("M8[us]")[np.searchsorted(dates, block.dates)]
    before = np.flatnonzero(block.source_times < start_of_day)
    if len(before):
        message = "the time of the values lies before the day itself"
        yield Implausible(before, "source_time_before_day", message)
