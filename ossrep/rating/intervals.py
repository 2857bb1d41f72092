"""Sums over quarter hours, fast and exact, and the rows whose intervals cannot be rated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_counts, interval_start_minutes
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.calendars import clock
from ossrep.rating.exact import INT64_MAX, ExactColumn
from ossrep.rating.lines import Refusal
from ossrep.rating.selection import Selection
from ossrep.rating.usage import MISSING_WH

_ROWS_AT_ONCE = 128
"""Rows whose quarter hours stay in the processor's cache between the passes over them."""

_INT32_LIMIT = 2**31


@dataclass(frozen=True, slots=True)
class IntervalSums:
    """Sums of one channel: int64 ``(n, S)`` for each selector, highest Wh int64 ``(n,)``.

    Rows in ``refusals`` are zero in both.
    """

    selected_wh: NDArray[np.int64]
    highest_wh: NDArray[np.int64]
    refusals: Mapping[int, Refusal]


def sum_intervals(
    wh: NDArray[np.int32], selection: Selection, *, period: DatePeriod, channel: str
) -> IntervalSums:
    """Sums ``(n, T)`` Wh over each selector of a compiled plan.

    Two passes over each group of rows: the highest value as unsigned, in which a missing or
    negative Wh shows as 2**31 or more, and the sums of the runs, in 32 bits where they fit.
    """
    rows = wh.shape[0]
    highest = np.empty(rows, dtype=np.uint32)
    sums = np.empty((rows, selection.members.shape[1]), dtype=np.int64)
    safe = (_INT32_LIMIT - 1) // selection.longest_run
    for first in range(0, rows, _ROWS_AT_ONCE):
        group = slice(first, first + _ROWS_AT_ONCE)
        quarter_hours = wh[group]
        top = np.maximum.reduce(quarter_hours.view(np.uint32), axis=1, out=highest[group])
        wide = bool(((top > safe) & (top < _INT32_LIMIT)).any())
        runs = np.add.reduceat(
            quarter_hours, selection.run_starts, axis=1, dtype=np.int64 if wide else np.int32
        )
        cells = np.add.reduceat(
            runs.take(selection.run_order, axis=1), selection.cell_starts, axis=1, dtype=np.int64
        )
        np.matmul(cells, selection.members, out=sums[group])
    refused = np.flatnonzero(highest >= _INT32_LIMIT)
    sums[refused] = 0
    highest[refused] = 0
    return IntervalSums(
        selected_wh=sums,
        highest_wh=highest.astype(np.int64),
        refusals={int(row): _refusal(wh[row], period, channel) for row in refused},
    )


def sum_times_price(
    wh: NDArray[np.int32], price_e8: NDArray[np.int64], total_wh: NDArray[np.int64]
) -> ExactColumn:
    """Sum over quarter hours of Wh x price in 10**-8 dollars, for each row ``(n,)``.

    Rows with a total that could pass 64 bits are added with Python's integers. Refused rows
    have a total of 0 and come to 0.
    """
    top_price = int(np.abs(price_e8).max())
    safe = INT64_MAX // top_price if top_price else INT64_MAX
    products = np.empty(wh.shape[0], dtype=np.int64)
    for first in range(0, wh.shape[0], _ROWS_AT_ONCE):
        group = slice(first, first + _ROWS_AT_ONCE)
        np.einsum("ij,j->i", wh[group], price_e8, dtype=np.int64, out=products[group])
    products[total_wh == 0] = 0
    beyond = {}
    for row in np.flatnonzero(total_wh > safe).tolist():
        exact = sum(int(w) * int(p) for w, p in zip(wh[row], price_e8, strict=True))
        beyond[row] = exact
        products[row] = 0
    return ExactColumn(products, beyond)


def _refusal(row: NDArray[np.int32], period: DatePeriod, channel: str) -> Refusal:
    missing = np.flatnonzero(row == MISSING_WH)
    if missing.size:
        return Refusal(
            "missing_interval",
            f"{missing.size} quarter hours of {channel} are missing, the first at "
            f"{interval_name(period, int(missing[0]))}: estimate or load them",
        )
    negative = np.flatnonzero(row < 0)
    return Refusal(
        "negative_usage",
        f"{channel} at {interval_name(period, int(negative[0]))} is "
        f"{int(row[negative[0]])} Wh: usage is never negative, correct the reading",
    )


def interval_name(period: DatePeriod, column: int) -> str:
    """The local date, wall-clock start and number of a column, ``2026-11-01 01:15 (number 9)``."""
    ends = np.cumsum(interval_counts(period.start, period.end).astype(np.int64))
    day = int(np.searchsorted(ends, column, side="right"))
    date = list(period.dates())[day]
    inside = column - (int(ends[day - 1]) if day else 0)
    minute = int(interval_start_minutes(date)[inside])
    return f"{date} {clock(minute)} (number {inside})"
