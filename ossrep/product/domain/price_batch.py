"""Prices of many days gathered before they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.product.domain.price_rows import PricePoint, PriceRowRefused

MISSING = -(2**31)
DayKey = tuple[str, dt.date]


@dataclass(frozen=True, slots=True)
class Correction:
    """A price that changed: 0.01 $/MWh before and after."""

    index: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class MergedDay:
    """A stored day with the prices that came; ``added`` counts those that were missing."""

    prices: NDArray[np.int32]
    added: int
    same: int
    corrections: tuple[Correction, ...]

    @property
    def changes(self) -> bool:
        """True when there is something to write."""
        return bool(self.added or self.corrections)


@dataclass(slots=True)
class PriceBatch:
    """Days under way, each with ``MISSING`` where the file has given nothing yet."""

    days: dict[DayKey, NDArray[np.int32]] = field(default_factory=dict)

    def put(self, point: PricePoint) -> None:
        """Takes a price; another price for the same interval of the same file is refused."""
        key = (point.series, point.date)
        day = self.days.get(key)
        if day is None:
            day = self.days[key] = np.full(point.intervals, MISSING, dtype=np.int32)
        before = int(day[point.index])
        if before not in (MISSING, point.price):
            raise PriceRowRefused(
                "contradiction",
                f"the file gave {before / 100:.2f} for this interval in an earlier line",
            )
        day[point.index] = point.price

    def __len__(self) -> int:
        return len(self.days)

    def drain(self) -> Iterator[tuple[DayKey, NDArray[np.int32]]]:
        """All days in key order; the batch is empty afterwards."""
        days, self.days = self.days, {}
        yield from sorted(days.items())


def merge_day(*, stored: NDArray[np.int32] | None, came: NDArray[np.int32]) -> MergedDay:
    """What came over what is stored: new prices fill gaps, other prices correct."""
    if stored is None:
        return MergedDay(came, int((came != MISSING).sum()), 0, ())
    given = came != MISSING
    fills = given & (stored == MISSING)
    differs = given & ~fills & (stored != came)
    corrections = tuple(
        Correction(int(i), int(stored[i]), int(came[i])) for i in differs.nonzero()[0]
    )
    merged = np.where(given, came, stored).astype(np.int32)
    same = int(given.sum()) - int(fills.sum()) - len(corrections)
    return MergedDay(merged, int(fills.sum()), same, corrections)
