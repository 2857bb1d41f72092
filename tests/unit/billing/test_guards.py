"""Guards at their limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ossrep.billing.domain import guards
from ossrep.billing.domain.guards import OFF, SCALE, BillColumns, Thresholds


def bills(**columns: Any) -> BillColumns:
    values: dict[str, Any] = {
        "total_cents": 10_000,
        "import_wh": 900_000,
        "days": 30,
        "usual_wh_per_day": -1,
        "register_wh": -1,
        "cliff_distance_wh": -1,
        "is_first": False,
        "is_final": False,
    } | columns
    return BillColumns(
        classes=["residential"], **{name: np.array([value]) for name, value in values.items()}
    )


def stops(guard: Any, limit: str, **columns: Any) -> bool:
    return bool(guard(bills(**columns), np.array([round(float(limit) * SCALE)]))[0])


class TestGuards:
    @pytest.mark.parametrize(("cents", "stopped"), [(150_000, False), (150_001, True)])
    def test_amount_too_high_is_above_the_limit(self, cents: int, stopped: bool) -> None:
        assert stops(guards.amount_too_high, "1500", total_cents=cents) is stopped

    @pytest.mark.parametrize(("cents", "stopped"), [(-50_000, False), (-50_001, True)])
    def test_credit_too_high_is_below_minus_the_limit(self, cents: int, stopped: bool) -> None:
        assert stops(guards.credit_too_high, "500", total_cents=cents) is stopped

    @pytest.mark.parametrize(
        ("wh", "usual", "stopped"),
        [
            (6_000_000, 40_000, False),  # 200 kWh a day, 5 times the usual
            (6_000_030, 40_000, True),
            (6_000_030, -1, False),
            (900_000, 1_000, False),  # 30 kWh a day is no mansion
            (930_000, 1_000, True),
        ],
    )
    def test_usage_jump_is_more_than_so_many_times(
        self, wh: int, usual: int, stopped: bool
    ) -> None:
        found = stops(guards.usage_jump, "5", import_wh=wh, usual_wh_per_day=usual)

        assert found is stopped

    @pytest.mark.parametrize(
        ("wh", "usual", "stopped"), [(0, 10_000, False), (0, 10_001, True), (1, 10_001, False)]
    )
    def test_usage_vanished_is_nothing_where_much_was(
        self, wh: int, usual: int, stopped: bool
    ) -> None:
        found = stops(guards.usage_vanished, "10", import_wh=wh, usual_wh_per_day=usual)

        assert found is stopped

    @pytest.mark.parametrize(
        ("wh", "register", "stopped"),
        [
            (1_020_000, 1_000_000, False),
            (1_020_001, 1_000_000, True),
            (52_000, 50_000, False),  # within 2 kWh
            (52_001, 50_000, True),
            (5_000_000, -1, False),
        ],
    )
    def test_register_mismatch_is_over_the_percentage(
        self, wh: int, register: int, stopped: bool
    ) -> None:
        found = stops(guards.register_mismatch, "2", import_wh=wh, register_wh=register)

        assert found is stopped

    @pytest.mark.parametrize(("days", "stopped"), [(65, False), (66, True)])
    def test_period_too_long_is_more_days(self, days: int, stopped: bool) -> None:
        assert stops(guards.period_too_long, "65", days=days) is stopped

    @pytest.mark.parametrize(
        ("distance", "stopped"), [(10_000, True), (10_001, False), (-1, False), (0, True)]
    )
    def test_credit_cliff_is_near_a_threshold(self, distance: int, stopped: bool) -> None:
        found = stops(guards.credit_cliff, "1", import_wh=1_000_000, cliff_distance_wh=distance)

        assert found is stopped

    @pytest.mark.parametrize(("limit", "stopped"), [("0", False), ("1", True)])
    def test_first_and_final_bills_are_stopped_on_demand(self, limit: str, stopped: bool) -> None:
        assert stops(guards.first_bill, limit, is_first=True) is stopped
        assert stops(guards.final_bill, limit, is_final=True) is stopped


class TestThresholds:
    def test_of_a_class_go_before_those_of_all(self) -> None:
        limits = Thresholds({("x", "residential"): 5, ("x", "*"): 7})

        found = limits.column("x", ["residential", "large_commercial"])

        assert found is not None
        assert found.tolist() == [5, 7]

    def test_may_be_off_for_some_or_for_all(self) -> None:
        limits = Thresholds({("x", "residential"): 5})

        some = limits.column("x", ["residential", "large_commercial"])

        assert some is not None
        assert some.tolist() == [5, OFF]
        assert limits.column("y", ["residential"]) is None
