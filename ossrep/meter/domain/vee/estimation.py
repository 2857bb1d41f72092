"""Estimates for absent quarter hours: interpolation, like days, a profile. Whole Wh only.

Days are matched by wall-clock time, so a day of a clock change takes the hour that comes twice
from the same hour of an ordinary day, and leaves out the one that does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes
from ossrep.meter.domain.interval_days import INTERPOLATED, LIKE_DAY, PROFILED
from ossrep.published.meter import MISSING_WH

INTERPOLATED_MAX = 8
"""Quarter hours: gaps up to two hours are closed by a straight line."""
LIKE_DAYS_MAX = 3
"""The most recent like days, as TDSPs use them for business load."""
HISTORY_DAYS = 42
QUARTERS = 96


@dataclass(frozen=True, slots=True)
class History:
    """What is known around the days to estimate, for one meter point and direction.

    ``days`` holds the Wh of each known local date, whole or with ``MISSING_WH``; ``actual_dates``
    those without any estimate; ``profile`` the 96 relative values of a weekday and of a weekend
    day; ``daily_wh`` the usage of a day without any value, None where nothing tells it.
    """

    days: Mapping[dt.date, NDArray[np.int32]]
    actual_dates: frozenset[dt.date]
    profile: tuple[NDArray[np.int64], NDArray[np.int64]] | None
    daily_wh: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A day with its gaps closed; ``methods`` has a quality letter where a value is estimated,
    0 elsewhere. Shape (n,) each."""

    wh: NDArray[np.int32]
    methods: NDArray[np.uint8]


def estimate_day(*, date: dt.date, history: History) -> Estimate | None:
    """Closes all gaps of a day (or makes all of it); None where nothing known supports a value."""
    minutes = interval_start_minutes(date)
    known = history.days.get(date)
    wh = (
        np.full(len(minutes), MISSING_WH, dtype=np.int32)
        if known is None
        else known.astype(np.int32)
    )
    methods = np.zeros(len(minutes), dtype=np.uint8)
    if known is not None:
        before, after = _neighbours(date, history.days)
        interpolate(wh=wh, methods=methods, before=before, after=after)
    if (wh == MISSING_WH).any():
        typical = like_day(date=date, history=history)
        method = LIKE_DAY
        if typical is None:
            typical, method = _profiled(date, wh, history), PROFILED
        if typical is None:
            return None
        gaps = wh == MISSING_WH
        wh[gaps], methods[gaps] = typical[gaps], method
    return Estimate(wh, methods)


def _neighbours(
    date: dt.date, days: Mapping[dt.date, NDArray[np.int32]]
) -> tuple[int | None, int | None]:
    one = dt.timedelta(days=1)
    before, after = days.get(date - one), days.get(date + one)
    return (
        None if before is None or before[-1] == MISSING_WH else int(before[-1]),
        None if after is None or after[0] == MISSING_WH else int(after[0]),
    )


def interpolate(
    *,
    wh: NDArray[np.int32],
    methods: NDArray[np.uint8],
    before: int | None,
    after: int | None,
) -> None:
    """Closes gaps of up to ``INTERPOLATED_MAX`` quarter hours in place, by straight lines.

    ``before`` and ``after`` are the neighbours' values at the day's edges. A line is rounded
    half-up to whole Wh.
    """
    for begin, end in gaps_of(wh):
        left = before if begin == 0 else int(wh[begin - 1])
        right = after if end == len(wh) else int(wh[end])
        if end - begin > INTERPOLATED_MAX or left is None or right is None:
            continue
        steps = end - begin + 1
        place = np.arange(1, steps, dtype=np.int64)
        wh[begin:end] = (2 * (left * (steps - place) + right * place) + steps) // (2 * steps)
        methods[begin:end] = INTERPOLATED


def gaps_of(wh: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Runs ``[begin, end)`` of missing values."""
    is_missing = np.concatenate(([False], wh == MISSING_WH, [False]))
    edges = np.flatnonzero(is_missing[1:] != is_missing[:-1])
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def like_day(*, date: dt.date, history: History) -> NDArray[np.int32] | None:
    """Mean of the most recent like days (``like_dates``), half-up; None where there is none."""
    chosen = like_dates(date=date, history=history)
    if not chosen:
        return None
    by_clock = [by_quarter(date=day, wh=history.days[day]) for day in chosen]
    total = np.sum(by_clock, axis=0)
    mean = (2 * total + len(chosen)) // (2 * len(chosen))
    found: NDArray[np.int32] = mean[interval_start_minutes(date) // 15].astype(np.int32)
    return found


def like_dates(*, date: dt.date, history: History) -> Sequence[dt.date]:
    """Up to ``LIKE_DAYS_MAX`` dates before the date, the most recent first.

    Whole days of actual values of the same kind: Monday to Friday, or the weekend.
    """
    earliest = date - dt.timedelta(days=HISTORY_DAYS)
    fitting = [
        day
        for day in sorted(history.actual_dates, reverse=True)
        if earliest <= day < date
        and is_weekend(day) == is_weekend(date)
        and not (history.days[day] == MISSING_WH).any()
    ]
    return fitting[:LIKE_DAYS_MAX]


def is_weekend(date: dt.date) -> bool:
    """Saturday or Sunday."""
    return date.weekday() >= 5


def by_quarter(*, date: dt.date, wh: NDArray[np.int32]) -> NDArray[np.int64]:
    """A whole day's values by wall-clock quarter hour, 96 of them.

    Of the hour that comes twice the mean counts; the hour that does not exist takes the values
    of the hour before.
    """
    quarter = interval_start_minutes(date) // 15
    total = np.zeros(QUARTERS, dtype=np.int64)
    count = np.zeros(QUARTERS, dtype=np.int64)
    np.add.at(total, quarter, wh)
    np.add.at(count, quarter, 1)
    mean = (2 * total + count) // (2 * np.maximum(count, 1))
    absent = np.flatnonzero(count == 0)
    mean[absent] = mean[absent - 4]
    found: NDArray[np.int64] = mean
    return found


def _profiled(date: dt.date, wh: NDArray[np.int32], history: History) -> NDArray[np.int32] | None:
    if history.profile is None or history.daily_wh is None:
        return None
    shape = history.profile[is_weekend(date)][interval_start_minutes(date) // 15]
    present = wh != MISSING_WH
    rest = max(history.daily_wh - int(wh[present].sum(dtype=np.int64)), 0)
    spread = np.zeros(len(wh), dtype=np.int32)
    spread[~present] = spread_by_shape(total_wh=rest, shape=shape[~present])
    return spread


def spread_by_shape(*, total_wh: int, shape: NDArray[np.int64]) -> NDArray[np.int32]:
    """Whole Wh in proportion to ``shape`` that add up to exactly ``total_wh``.

    What rounding down leaves over goes to the largest remainders, the earlier first.
    """
    weight = int(shape.sum())
    if weight == 0:
        shape, weight = np.ones_like(shape), len(shape)
    exact = shape.astype(np.int64) * total_wh
    wh = exact // weight
    rest = total_wh - int(wh.sum())
    order = np.argsort(-(exact % weight), kind="stable")
    wh[order[:rest]] += 1
    return wh.astype(np.int32)
