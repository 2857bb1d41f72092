"""Which quarter hours of a period each line adds up, folded into as few sums as possible."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_counts
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.calendars import TouCalendar

WHOLE = 0
"""The selector of all quarter hours."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Quarter hours folded into runs, runs into cells: sets that a selector takes or leaves whole.

    A run is a stretch of columns that every selector takes or leaves whole: ``run_starts`` int64
    ``(R,)``, ``longest_run`` in quarter hours. ``run_order`` int64 ``(R,)`` puts the runs of a
    cell side by side, ``cell_starts`` int64 ``(C,)`` is where each cell begins in that order.
    ``members`` int64 ``(C, S)`` is 1 where selector ``s`` takes the cell; selector 0 takes all.
    """

    run_starts: NDArray[np.int64]
    longest_run: int
    run_order: NDArray[np.int64]
    cell_starts: NDArray[np.int64]
    members: NDArray[np.int64]

    @classmethod
    def of(cls, masks: NDArray[np.bool_]) -> Selection:
        """From one mask over all columns for each selector, bool ``(S, T)``."""
        changes = (masks[:, 1:] != masks[:, :-1]).any(axis=0)
        starts = np.concatenate([[0], np.flatnonzero(changes) + 1]).astype(np.int64)
        lengths = np.diff(np.append(starts, masks.shape[1]))
        cells, cell_of_run = np.unique(masks[:, starts].T, axis=0, return_inverse=True)
        order = np.argsort(cell_of_run, kind="stable")
        return cls(
            run_starts=starts,
            longest_run=int(lengths.max()),
            run_order=order,
            cell_starts=np.searchsorted(cell_of_run[order], np.arange(cells.shape[0])),
            members=cells.astype(np.int64),
        )

    @classmethod
    def whole(cls, columns: int) -> Selection:
        """One run of all quarter hours."""
        return cls.of(np.ones((1, columns), dtype=np.bool_))


@dataclass(slots=True)
class SelectionBuilder:
    """Collects the selectors that the lines of a plan ask for."""

    period: DatePeriod
    _masks: list[NDArray[np.bool_]] = field(init=False)

    def __post_init__(self) -> None:
        columns = int(self._day_lengths().sum())
        self._masks = [np.ones(columns, dtype=np.bool_)]

    def buckets(self, calendar: TouCalendar) -> tuple[int, ...]:
        """One selector for each of the calendar's buckets, ``otherwise`` last."""
        index = np.concatenate([calendar.bucket_index(date) for date in self.period.dates()])
        return tuple(self._add(index == number) for number in range(len(calendar.all_buckets)))

    def days(self, first: dt.date, end: dt.date) -> int:
        """The selector of the quarter hours of local dates ``[first, end)``."""
        inside = np.array([first <= date < end for date in self.period.dates()], dtype=np.bool_)
        return self._add(np.repeat(inside, self._day_lengths()))

    def count(self, selector: int) -> int:
        """The quarter hours of a selector."""
        return int(self._masks[selector].sum())

    def build(self) -> Selection:
        """The selectors folded together."""
        return Selection.of(np.array(self._masks))

    def _day_lengths(self) -> NDArray[np.int64]:
        return interval_counts(self.period.start, self.period.end).astype(np.int64)

    def _add(self, mask: NDArray[np.bool_]) -> int:
        for number, known in enumerate(self._masks):
            if np.array_equal(known, mask):
                return number
        self._masks.append(mask)
        return len(self._masks) - 1
