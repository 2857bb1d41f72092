"""Prices gathered and merged."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ossrep.product.domain.price_batch import MISSING, Correction, PriceBatch, merge_day
from ossrep.product.domain.price_rows import PricePoint, PriceRowRefused

DAY = dt.date(2026, 7, 30)


def _day(*prices: int) -> np.ndarray:
    return np.array(prices, dtype=np.int32)


class TestPriceBatch:
    def test_refuses_another_price_for_the_same_interval(self) -> None:
        batch = PriceBatch()
        batch.put(PricePoint("ERCOT:LZ_WEST", DAY, 3, 96, 1927))
        batch.put(PricePoint("ERCOT:LZ_WEST", DAY, 3, 96, 1927))

        with pytest.raises(PriceRowRefused, match=r"the file gave 19\.27 for this interval"):
            batch.put(PricePoint("ERCOT:LZ_WEST", DAY, 3, 96, 1928))

    def test_is_empty_after_draining(self) -> None:
        batch = PriceBatch()
        batch.put(PricePoint("ERCOT:LZ_WEST", DAY, 3, 96, 1927))

        ((key, day),) = batch.drain()

        assert key == ("ERCOT:LZ_WEST", DAY)
        assert (day[3], int((day == MISSING).sum())) == (1927, 95)
        assert len(batch) == 0


class TestMergeDay:
    def test_takes_a_new_day_as_it_is(self) -> None:
        merged = merge_day(stored=None, came=_day(5, MISSING))

        assert merged.prices.tolist() == [5, MISSING]
        assert (merged.added, merged.same, merged.corrections) == (1, 0, ())

    def test_fills_gaps_and_corrects(self) -> None:
        merged = merge_day(stored=_day(5, MISSING, 7, 8), came=_day(5, 6, -7, MISSING))

        assert merged.prices.tolist() == [5, 6, -7, 8]
        assert (merged.added, merged.same) == (1, 1)
        assert merged.corrections == (Correction(2, 7, -7),)

    def test_changes_nothing_when_all_is_there(self) -> None:
        assert not merge_day(stored=_day(5, 6), came=_day(MISSING, 6)).changes
