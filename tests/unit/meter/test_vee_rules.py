"""Validation rules over blocks of days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.meter.domain.vee.rules import (
    RULES,
    Days,
    check_days,
    failed_names,
    find_stuck,
    period_difference,
)
from ossrep.meter.domain.vee.thresholds import DEFAULTS, Thresholds, thresholds_of

MISSING = -(2**31)
USUAL_LIMITS = Thresholds()
USUAL = [300 + 10 * (i % 9) for i in range(96)]


def days(
    *rows: Sequence[int],
    expected: int | None = None,
    register_wh: int = -1,
    same: bool = False,
    direction: int = 0,
    meter_point_ids: Sequence[int] | None = None,
) -> Days:
    k = len(rows)
    return Days(
        meter_point_ids=np.array(meter_point_ids or range(1, k + 1), dtype=np.int64),
        directions=np.full(k, direction, dtype=np.int8),
        wh=np.array(rows, dtype=np.int32),
        expected_intervals=np.full(k, expected or len(rows[0]), dtype=np.int64),
        register_wh=np.full(k, register_wh, dtype=np.int64),
        same_as_day_before=np.full(k, same, dtype=np.bool_),
    )


def with_values(changes: dict[int, int], base: Sequence[int] = USUAL) -> list[int]:
    return [changes.get(i, value) for i, value in enumerate(base)]


def outcome(
    judged: Days, thresholds: Thresholds = USUAL_LIMITS
) -> list[tuple[str, int, int, int, int]]:
    """(rule, day, measured, allowed, first interval) of all that fails."""
    _, found = check_days(days=judged, thresholds=thresholds)
    return [
        (entry.rule, *map(int, row))
        for entry in found
        for row in zip(
            entry.failures.days,
            entry.failures.measured,
            entry.failures.allowed,
            entry.failures.first_interval,
            strict=True,
        )
    ]


class TestCheckDays:
    @pytest.mark.parametrize("size", [92, 96, 100])
    def test_passes_usual_days_of_every_length(self, size: int) -> None:
        usual = [300 + 10 * (i % 9) for i in range(size)]

        failed, found = check_days(days=days(usual, usual), thresholds=Thresholds())

        assert failed.tolist() == [0, 0]
        assert found == []

    def test_answers_no_days(self) -> None:
        empty = days(USUAL)
        none = Days(*(getattr(empty, name)[:0] for name in Days.__slots__))

        assert check_days(days=none, thresholds=Thresholds())[1] == []

    def test_gives_the_bits_of_all_failed_rules(self) -> None:
        flat = [250] * 96

        failed, _ = check_days(
            days=days(flat, USUAL, register_wh=sum(USUAL)), thresholds=Thresholds()
        )

        assert failed_names(int(failed[0])) == ["stuck", "sum_check"]
        assert failed_names(int(failed[1])) == []

    def test_every_rule_has_a_bit_of_its_own(self) -> None:
        bits = [rule.bit for rule in RULES.values()]

        assert sorted(bits) == [1 << i for i in range(8)]
        assert list(RULES) == [
            "gap",
            "count",
            "spike",
            "negative",
            "stuck",
            "sum_check",
            "duplicate",
            "zero",
        ]


class TestGap:
    def test_counts_missing_quarter_hours_and_names_the_first(self) -> None:
        gappy = with_values({5: MISSING, 6: MISSING})

        assert outcome(days(USUAL, gappy)) == [("gap", 1, 2, 0, 5)]


class TestCount:
    def test_fails_a_day_that_is_too_short(self) -> None:
        assert outcome(days(USUAL, expected=100)) == [("count", 0, 96, 100, -1)]


class TestSpike:
    def test_fails_a_value_far_above_the_third_highest(self) -> None:
        # The third highest value is 380; 500 % of it are 1,900.
        assert outcome(days(with_values({40: 2_504}))) == [("spike", 0, 658, 500, 40)]

    @pytest.mark.parametrize("peak", [2_499, 1_000])
    def test_passes_what_is_small_anyhow(self, peak: int) -> None:
        assert outcome(days(with_values({40: peak}))) == []

    def test_passes_a_load_that_comes_several_times(self) -> None:
        assert outcome(days(with_values({40: 9_000, 41: 9_100, 60: 9_050}))) == []

    def test_takes_the_limit_of_a_meter_point_of_its_own(self) -> None:
        limits = thresholds_of([("spike", "wh_considered_from", 2, 20_000)])
        spiky = with_values({40: 9_000})

        assert [row[:2] for row in outcome(days(spiky, spiky), limits)] == [("spike", 0)]


class TestNegative:
    def test_fails_a_value_below_zero_but_not_a_missing_one(self) -> None:
        judged = days(with_values({3: MISSING}), with_values({7: -5, 9: -40}))

        assert outcome(judged) == [("gap", 0, 1, 0, 3), ("negative", 1, -40, 0, 9)]


class TestStuck:
    @pytest.mark.parametrize(("begin", "length", "fails"), [(0, 32, True), (11, 31, False)])
    def test_fails_more_than_eight_hours_of_one_value(
        self, begin: int, length: int, fails: bool
    ) -> None:
        stuck = with_values(dict.fromkeys(range(begin, begin + length), 77))

        assert outcome(days(stuck)) == ([("stuck", 0, 32, 31, 0)] if fails else [])

    def test_passes_zeros(self) -> None:
        assert outcome(days(with_values(dict.fromkeys(range(60), 0)))) == []

    @given(
        st.lists(st.sampled_from([0, 0, 5, 5, 5, 6, MISSING]), min_size=92, max_size=92),
        st.integers(1, 20),
    )
    def test_finds_the_longest_run_that_a_plain_loop_finds(
        self, values: list[int], allowed: int
    ) -> None:
        limits = thresholds_of([("stuck", "equal_intervals_max", None, allowed)])
        longest, run = 0, 0
        for i, value in enumerate(values):
            run = run + 1 if i and value == values[i - 1] else 1
            longest = max(longest, run if value > 0 else 0)

        found = find_stuck(days(values), limits)

        assert found.measured.tolist() == ([longest] if longest > allowed else [])


class TestSumCheck:
    @pytest.mark.parametrize(("difference", "fails"), [(0, False), (32, False), (33, True)])
    def test_compares_with_the_readings(self, difference: int, fails: bool) -> None:
        # One per mille of the register's 32,600 Wh may differ.
        judged = days(USUAL, register_wh=sum(USUAL) - difference)

        assert sum(USUAL) // 1000 == 32
        assert outcome(judged) == ([("sum_check", 0, 33, 32, -1)] if fails else [])

    def test_passes_a_day_without_readings(self) -> None:
        assert outcome(days(USUAL, register_wh=-1)) == []


class TestDuplicate:
    def test_fails_a_copy_of_the_day_before(self) -> None:
        assert outcome(days(USUAL, same=True)) == [("duplicate", 0, 96, 0, -1)]

    def test_passes_a_second_day_of_zeros_of_export(self) -> None:
        assert outcome(days([0] * 96, same=True, direction=1)) == []


class TestZero:
    def test_fails_a_day_without_use(self) -> None:
        assert outcome(days([0] * 96)) == [("zero", 0, 96, 91, -1)]

    def test_passes_a_day_with_a_little(self) -> None:
        assert outcome(days([0] * 91 + [1, 2, 3, 4, 5])) == []

    def test_passes_export(self) -> None:
        assert outcome(days([0] * 96, direction=1)) == []


class TestPeriodDifference:
    @pytest.mark.parametrize(
        ("total_wh", "register_wh", "expected"),
        [
            (900_000, 900_000, None),
            (895_500, 900_000, None),
            (895_499, 900_000, (4_501, 4_500)),
            (11_000, 10_000, None),
            (11_001, 10_000, (1_001, 1_000)),
        ],
    )
    def test_allows_a_share_and_never_less_than_a_kwh(
        self, total_wh: int, register_wh: int, expected: tuple[int, int] | None
    ) -> None:
        assert (
            period_difference(
                total_wh=total_wh,
                register_wh=register_wh,
                thresholds=Thresholds(),
                meter_point_id=1,
            )
            == expected
        )


class TestThresholdsOf:
    def test_keeps_the_default_of_what_no_row_names(self) -> None:
        limits = thresholds_of(
            [("gap", "missing_intervals_max", None, 4), ("old", "name", None, 1)]
        )

        assert limits.values == {**DEFAULTS, ("gap", "missing_intervals_max"): 4}
