from __future__ import annotations

import datetime as dt

import pytest

from ossrep.kernel.market_time import (
    interval_counts,
    interval_start,
    interval_start_minutes,
    intervals_in_day,
    local_midnight,
)

SPRING = dt.date(2026, 3, 8)
FALL = dt.date(2026, 11, 1)
PLAIN = dt.date(2026, 7, 1)


class TestIntervalsInDay:
    @pytest.mark.parametrize(("date", "count"), [(SPRING, 92), (PLAIN, 96), (FALL, 100)])
    def test_counts_the_local_day(self, date: dt.date, count: int) -> None:
        assert intervals_in_day(date) == count
        assert interval_start_minutes(date).shape == (count,)

    @pytest.mark.parametrize("date", [dt.date.min, dt.date.max])
    def test_counts_the_ends_of_the_calendar(self, date: dt.date) -> None:
        assert intervals_in_day(date) == 96

    def test_counts_each_day_of_a_period(self) -> None:
        counts = interval_counts(dt.date(2026, 10, 31), dt.date(2026, 11, 3))

        assert counts.tolist() == [96, 100, 96]


class TestIntervalStartMinutes:
    def test_skips_the_hour_of_spring(self) -> None:
        assert interval_start_minutes(SPRING)[6:10].tolist() == [90, 105, 180, 195]

    def test_repeats_the_hour_of_fall(self) -> None:
        minutes = interval_start_minutes(FALL)

        assert minutes[4:13].tolist() == [60, 75, 90, 105, 60, 75, 90, 105, 120]
        assert minutes[-1] == 23 * 60 + 45


class TestIntervalStart:
    def test_is_an_instant_in_real_time(self) -> None:
        assert interval_start(FALL, 4) == dt.datetime(2026, 11, 1, 6, 0, tzinfo=dt.UTC)
        assert interval_start(FALL, 8) == dt.datetime(2026, 11, 1, 7, 0, tzinfo=dt.UTC)

    def test_of_the_first_is_local_midnight(self) -> None:
        assert interval_start(PLAIN, 0) == local_midnight(PLAIN)
        assert local_midnight(PLAIN) == dt.datetime(2026, 7, 1, 5, 0, tzinfo=dt.UTC)
        assert local_midnight(dt.date(2026, 1, 1)) == dt.datetime(2026, 1, 1, 6, 0, tzinfo=dt.UTC)

    def test_after_the_last_is_the_next_midnight(self) -> None:
        for date in (SPRING, PLAIN, FALL):
            tomorrow = date + dt.timedelta(days=1)
            assert interval_start(date, intervals_in_day(date)) == local_midnight(tomorrow)
