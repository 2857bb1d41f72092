"""Windows, seasons, day types and clock changes."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.rating.calendars import (
    DayType,
    MonthDay,
    Season,
    TouBucket,
    TouCalendar,
    Window,
    is_day_of_year,
)

SUMMER = Season(MonthDay(6, 1), MonthDay(9, 30))
WINTER = Season(MonthDay(12, 1), MonthDay(2, 29))
WEEKDAYS = frozenset({DayType.WEEKDAY})
REST = TouBucket("rest", "Rest")


def calendar(*windows: Window, holidays: tuple[dt.date, ...] = ()) -> TouCalendar:
    return TouCalendar((TouBucket("in", "In", windows),), REST, frozenset(holidays))


def inside(found: TouCalendar, date: dt.date) -> list[int]:
    """Numbers of the quarter hours that the first bucket holds."""
    return [number for number, bucket in enumerate(found.bucket_index(date)) if bucket == 0]


class TestSeason:
    @pytest.mark.parametrize(
        ("season", "day", "held"),
        [
            (SUMMER, MonthDay(5, 31), False),
            (SUMMER, MonthDay(6, 1), True),
            (SUMMER, MonthDay(9, 30), True),
            (SUMMER, MonthDay(10, 1), False),
            (WINTER, MonthDay(11, 30), False),
            (WINTER, MonthDay(12, 31), True),
            (WINTER, MonthDay(2, 29), True),
            (WINTER, MonthDay(3, 1), False),
        ],
    )
    def test_includes_both_ends_and_runs_over_the_year(
        self, season: Season, day: MonthDay, held: bool
    ) -> None:
        assert season.holds(day) is held

    def test_knows_the_days_of_a_leap_year(self) -> None:
        assert is_day_of_year(MonthDay(2, 29))
        assert not is_day_of_year(MonthDay(2, 30))
        assert not is_day_of_year(MonthDay(13, 1))


class TestDayType:
    def test_puts_holiday_before_weekend_before_weekday(self) -> None:
        found = calendar(holidays=(dt.date(2026, 7, 4),))

        assert found.day_type(dt.date(2026, 7, 4)) is DayType.HOLIDAY  # a Saturday
        assert found.day_type(dt.date(2026, 7, 5)) is DayType.WEEKEND
        assert found.day_type(dt.date(2026, 7, 6)) is DayType.WEEKDAY


class TestBucketIndex:
    def test_judges_what_follows_midnight_by_its_own_date(self) -> None:
        nights = calendar(Window(22 * 60, 6 * 60, WEEKDAYS))

        friday = inside(nights, dt.date(2026, 7, 10))
        saturday = inside(nights, dt.date(2026, 7, 11))
        monday = inside(nights, dt.date(2026, 7, 13))

        assert friday == [*range(24), *range(88, 96)]
        assert saturday == []
        assert monday == friday

    def test_belongs_to_the_minute_of_its_start(self) -> None:
        found = calendar(Window(10 * 60 + 1, 11 * 60 + 1))

        assert inside(found, dt.date(2026, 7, 10)) == [41, 42, 43, 44]

    def test_ends_at_24_00(self) -> None:
        assert inside(calendar(Window(23 * 60, 1440)), dt.date(2026, 7, 10)) == [92, 93, 94, 95]
        assert inside(calendar(Window(23 * 60, 0)), dt.date(2026, 7, 10)) == [92, 93, 94, 95]

    def test_misses_the_hour_that_spring_skips(self) -> None:
        found = calendar(Window(60, 3 * 60))

        assert inside(found, dt.date(2026, 3, 8)) == [4, 5, 6, 7]

    def test_holds_the_hour_that_fall_repeats_twice(self) -> None:
        found = calendar(Window(60, 2 * 60))

        assert inside(found, dt.date(2026, 11, 1)) == [4, 5, 6, 7, 8, 9, 10, 11]

    def test_leaves_the_rest_to_otherwise(self) -> None:
        found = calendar(Window(0, 1440, seasons=(SUMMER,)))

        assert set(found.bucket_index(dt.date(2026, 6, 1))) == {0}
        assert set(found.bucket_index(dt.date(2026, 10, 1))) == {1}


class TestOverlap:
    @pytest.mark.parametrize(
        ("one", "other", "overlap"),
        [
            (Window(0, 360), Window(360, 720), False),
            (Window(0, 361), Window(360, 720), True),
            (Window(1200, 360), Window(300, 600), True),
            (Window(1200, 360), Window(360, 1200), False),
            (Window(1200, 360), Window(1320, 60), True),
            (Window(0, 1440, WEEKDAYS), Window(0, 1440, frozenset({DayType.WEEKEND})), False),
            (Window(0, 1440, WEEKDAYS), Window(0, 1440), True),
            (Window(0, 1440, seasons=(SUMMER,)), Window(0, 1440, seasons=(WINTER,)), False),
            (
                Window(0, 1440, seasons=(WINTER,)),
                Window(0, 1440, seasons=(Season(MonthDay(2, 29), MonthDay(3, 5)),)),
                True,
            ),
            (Window(0, 1440, seasons=(SUMMER,)), Window(0, 60), True),
        ],
    )
    def test_needs_a_shared_minute_day_type_and_date(
        self, one: Window, other: Window, overlap: bool
    ) -> None:
        assert one.overlaps(other) is overlap
        assert other.overlaps(one) is overlap
