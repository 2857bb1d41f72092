"""Estimates for absent quarter hours."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.vee.estimation import (
    History,
    estimate_day,
    gaps_of,
    like_dates,
    spread_by_shape,
)
from tests.factories.interval_files import FALL_DAY, SPRING_DAY

MISSING = -(2**31)
WEDNESDAY = dt.date(2026, 2, 18)
ONE = dt.timedelta(days=1)
FLAT = (np.ones(96, dtype=np.int64), np.ones(96, dtype=np.int64))


def a_day(date: dt.date, wh: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.full(intervals_in_day(date), wh, dtype=np.int32)


def history(
    days: dict[dt.date, np.ndarray],  # type: ignore[type-arg]
    *,
    estimated: tuple[dt.date, ...] = (),
    daily_wh: int | None = None,
    profile: object = None,
) -> History:
    return History(
        days=days,
        actual_dates=frozenset(set(days) - set(estimated)),
        profile=profile,  # type: ignore[arg-type]
        daily_wh=daily_wh,
    )


def gappy(begin: int, end: int, value: int = 100) -> np.ndarray:  # type: ignore[type-arg]
    wh = a_day(WEDNESDAY, value)
    wh[begin:end] = MISSING
    return wh


class TestInterpolation:
    def test_closes_a_short_gap_by_a_straight_line(self) -> None:
        wh = gappy(10, 13)
        wh[13] = 140

        estimate = estimate_day(date=WEDNESDAY, history=history({WEDNESDAY: wh}))

        assert estimate is not None
        assert estimate.wh[9:14].tolist() == [100, 110, 120, 130, 140]
        assert estimate.methods.tolist() == [0] * 10 + [ord("I")] * 3 + [0] * 83

    def test_rounds_half_up(self) -> None:
        wh = gappy(10, 11)
        wh[11] = 101

        estimate = estimate_day(date=WEDNESDAY, history=history({WEDNESDAY: wh}))

        assert estimate is not None
        assert estimate.wh[10] == 101

    def test_uses_the_neighbouring_days_at_midnight(self) -> None:
        days = {
            WEDNESDAY - ONE: a_day(WEDNESDAY - ONE, 40),
            WEDNESDAY: gappy(0, 2),
            WEDNESDAY + ONE: a_day(WEDNESDAY + ONE, 10),
        }

        estimate = estimate_day(date=WEDNESDAY, history=history(days))

        assert estimate is not None
        assert estimate.wh[:3].tolist() == [60, 80, 100]

    def test_leaves_a_gap_of_more_than_two_hours_to_like_days(self) -> None:
        week_ago = WEDNESDAY - 7 * ONE
        days = {WEDNESDAY: gappy(10, 19), week_ago: a_day(week_ago, 70)}

        estimate = estimate_day(date=WEDNESDAY, history=history(days))

        assert estimate is not None
        assert estimate.wh[9:20].tolist() == [100, *[70] * 9, 100]
        assert set(estimate.methods[10:19].tolist()) == {ord("L")}


class TestLikeDays:
    def test_takes_the_mean_of_the_three_most_recent_of_the_kind(self) -> None:
        days = {
            WEDNESDAY - n * ONE: a_day(WEDNESDAY, value)
            for n, value in ((1, 10), (2, 20), (3, 900), (4, 900), (5, 31), (6, 900))
        }

        estimate = estimate_day(date=WEDNESDAY, history=history(days))

        # Tuesday, Monday and Friday: 61 / 3 is 20.33.
        assert estimate is not None
        assert set(estimate.wh.tolist()) == {20}
        assert set(estimate.methods.tolist()) == {ord("L")}

    def test_passes_over_estimated_incomplete_later_and_old_days(self) -> None:
        days = {
            WEDNESDAY - ONE: a_day(WEDNESDAY, 1),
            WEDNESDAY - 2 * ONE: gappy(3, 4),
            WEDNESDAY + ONE: a_day(WEDNESDAY, 3),
            WEDNESDAY - 49 * ONE: a_day(WEDNESDAY, 4),
            WEDNESDAY - 5 * ONE: a_day(WEDNESDAY, 5),
        }

        found = like_dates(date=WEDNESDAY, history=history(days, estimated=(WEDNESDAY - ONE,)))

        assert list(found) == [WEDNESDAY - 5 * ONE]

    def test_keeps_weekends_apart(self) -> None:
        saturday = dt.date(2026, 2, 21)
        days = {
            saturday - ONE: a_day(saturday, 1),
            saturday - 6 * ONE: a_day(saturday, 2),
            saturday - 7 * ONE: a_day(saturday, 3),
        }

        found = like_dates(date=saturday, history=history(days))

        assert list(found) == [saturday - 6 * ONE, saturday - 7 * ONE]

    @pytest.mark.parametrize(("change", "count"), [(SPRING_DAY, 92), (FALL_DAY, 100)])
    def test_matches_a_change_day_by_the_clock(self, change: dt.date, count: int) -> None:
        week_ago = change - 7 * ONE
        by_quarter = np.arange(96, dtype=np.int32)

        estimate = estimate_day(date=change, history=history({week_ago: by_quarter}))

        assert estimate is not None
        hours = estimate.wh.tolist()
        assert len(hours) == count
        expected = {92: [4, 5, 6, 7, 12, 13, 14, 15], 100: [4, 5, 6, 7, 4, 5, 6, 7]}[count]
        assert hours[4:12] == expected

    @pytest.mark.parametrize("change", [SPRING_DAY, FALL_DAY])
    def test_takes_a_change_day_as_like_day(self, change: dt.date) -> None:
        week_later = change + 7 * ONE

        estimate = estimate_day(date=week_later, history=history({change: a_day(change, 25)}))

        assert estimate is not None
        assert estimate.wh.tolist() == [25] * 96


class TestProfile:
    def test_spreads_a_known_daily_use_where_there_is_no_like_day(self) -> None:
        estimate = estimate_day(date=WEDNESDAY, history=history({}, daily_wh=1_000, profile=FLAT))

        assert estimate is not None
        assert estimate.wh.tolist() == [11] * 40 + [10] * 56
        assert int(estimate.wh.sum()) == 1_000
        assert set(estimate.methods.tolist()) == {ord("P")}

    def test_fills_only_what_is_missing_up_to_the_daily_use(self) -> None:
        estimate = estimate_day(
            date=WEDNESDAY,
            history=history(
                {WEDNESDAY: gappy(0, 48)}, estimated=(WEDNESDAY,), daily_wh=6_000, profile=FLAT
            ),
        )

        assert estimate is not None
        assert estimate.wh.tolist() == [25] * 48 + [100] * 48

    @pytest.mark.parametrize(
        "known", [{"daily_wh": None, "profile": FLAT}, {"daily_wh": 500, "profile": None}]
    )
    def test_gives_nothing_where_nothing_supports_a_value(self, known: dict[str, object]) -> None:
        assert estimate_day(date=WEDNESDAY, history=history({}, **known)) is None  # type: ignore[arg-type]


class TestSpreadByShape:
    @given(st.integers(0, 10**6), st.lists(st.integers(0, 1_000), min_size=1, max_size=100))
    def test_adds_up_exactly(self, total: int, shape: list[int]) -> None:
        spread = spread_by_shape(total_wh=total, shape=np.array(shape, dtype=np.int64))

        assert int(spread.sum()) == total
        assert int(spread.min()) >= 0


class TestGapsOf:
    def test_finds_runs_at_both_edges(self) -> None:
        wh = a_day(WEDNESDAY, 5)
        wh[[0, 1, 50, 95]] = MISSING

        assert gaps_of(wh) == [(0, 2), (50, 51), (95, 96)]
