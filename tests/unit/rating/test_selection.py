"""Quarter hours folded into runs and cells add up to what each selector asks for."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ossrep.rating.intervals import interval_name, sum_intervals
from ossrep.rating.selection import Selection
from tests.unit.rating.build import JULY, compiled, period


class TestSelection:
    @pytest.mark.parametrize("change_share", [0.0, 0.001, 0.05, 0.5])
    def test_sums_what_each_mask_holds(self, change_share: float) -> None:
        rng = np.random.default_rng(7)
        toggles = rng.random((5, 2880)) < change_share
        masks = np.cumsum(toggles, axis=1) % 2 == 1
        masks[0] = True
        wh = rng.integers(0, 5000, size=(131, 2880), dtype=np.int32)

        sums = sum_intervals(wh, Selection.of(masks), period=JULY, channel="import")

        direct = np.stack([wh[:, mask].sum(axis=1, dtype=np.int64) for mask in masks], axis=1)
        assert np.array_equal(sums.selected_wh, direct)
        assert np.array_equal(sums.highest_wh, wh.max(axis=1))
        assert sums.refusals == {}

    def test_takes_strided_and_read_only_usage(self) -> None:
        rng = np.random.default_rng(8)
        wh = rng.integers(0, 5000, size=(9, 2880), dtype=np.int32)
        wh.setflags(write=False)
        whole = Selection.whole(2880)

        every_second = sum_intervals(wh[::2], whole, period=JULY, channel="import")

        assert every_second.selected_wh[:, 0].tolist() == wh[::2].sum(axis=1).tolist()

    def test_folds_equal_buckets_of_two_components(self) -> None:
        nights = {
            "kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.1",
        }  # fmt: skip

        ready = compiled(nights, nights)

        assert ready.selection.members.shape == (2, 3)
        assert ready.selection.run_starts.shape == (61,)

    def test_goes_to_another_process(self) -> None:
        nights = {
            "kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.1",
        }  # fmt: skip
        ready = compiled(nights)

        again = pickle.loads(pickle.dumps(ready))

        assert again.templates == ready.templates
        assert np.array_equal(again.selection.members, ready.selection.members)


class TestIntervalName:
    @pytest.mark.parametrize(
        ("column", "name"),
        [
            (0, "2026-10-31 00:00 (number 0)"),
            (95, "2026-10-31 23:45 (number 95)"),
            (96 + 8, "2026-11-01 01:00 (number 8)"),
            (96 + 99, "2026-11-01 23:45 (number 99)"),
            (196, "2026-11-02 00:00 (number 0)"),
        ],
    )
    def test_tells_the_repeated_hour_apart(self, column: int, name: str) -> None:
        assert interval_name(period("2026-10-31", "2026-11-03"), column) == name
