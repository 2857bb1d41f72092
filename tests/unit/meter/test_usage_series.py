"""Series of a customer's usage: occupancy, clock changes, gaps."""

from __future__ import annotations

import datetime as dt

from ossrep.kernel.market_time import MARKET_ZONE, interval_start, intervals_in_day
from ossrep.kernel.periods import DatePeriod
from ossrep.meter.domain.usage_series import (
    QUALITIES,
    Granularity,
    interval_times,
    occupancies,
    readings_of,
)
from ossrep.published.meter import MISSING_WH
from tests.unit.meter.usage_days import ESI_ID, a_channel

JUNE = DatePeriod(dt.date(2026, 6, 1), dt.date(2026, 7, 1))
SPRING, FALL = dt.date(2026, 3, 8), dt.date(2026, 11, 1)


def day(number: int) -> dt.date:
    return dt.date(2026, 6, number)


class TestOccupancies:
    def test_are_cut_to_the_period_asked_for(self) -> None:
        (found,) = occupancies(served=[(ESI_ID, dt.date(2025, 1, 1), None)], within=JUNE)

        assert (found.esi_id, found.periods) == (ESI_ID, (JUNE,))

    def test_end_on_the_day_before_the_next_tenant(self) -> None:
        (found,) = occupancies(served=[(ESI_ID, day(1), day(15))], within=JUNE)

        assert found.dates()[-1] == day(14)

    def test_join_contracts_that_follow_each_other(self) -> None:
        served = [(ESI_ID, day(10), day(20)), (ESI_ID, day(1), day(10))]

        (found,) = occupancies(served=served, within=JUNE)

        assert found.periods == (DatePeriod(day(1), day(20)),)

    def test_keep_the_days_of_somebody_else_between_them_out(self) -> None:
        served = [(ESI_ID, day(1), day(5)), (ESI_ID, day(6), None)]

        (found,) = occupancies(served=served, within=JUNE)

        assert day(5) not in found.dates()
        assert len(found.dates()) == 29

    def test_are_none_where_service_lies_outside(self) -> None:
        assert occupancies(served=[(ESI_ID, dt.date(2026, 7, 1), None)], within=JUNE) == ()


class TestIntervalTimes:
    def test_are_those_of_the_market_on_every_day_of_a_year(self) -> None:
        for date in DatePeriod(dt.date(2026, 1, 1), dt.date(2027, 1, 1)).dates():
            expected = [
                interval_start(date, index).astimezone(MARKET_ZONE).isoformat()
                for index in range(intervals_in_day(date))
            ]

            assert interval_times(date) == expected

    def test_skip_an_hour_in_spring(self) -> None:
        assert interval_times(SPRING)[7:9] == [
            "2026-03-08T01:45:00-06:00",
            "2026-03-08T03:00:00-05:00",
        ]

    def test_have_an_hour_twice_in_fall(self) -> None:
        assert interval_times(FALL)[4:9:4] == [
            "2026-11-01T01:00:00-05:00",
            "2026-11-01T01:00:00-06:00",
        ]


class TestReadingsOf:
    def test_have_as_many_quarter_hours_as_the_day(self) -> None:
        for date, count in ((SPRING, 92), (FALL, 100), (day(1), 96)):
            channel = a_channel(date, date + dt.timedelta(days=1))

            found = readings_of(channel=channel, granularity=Granularity.QUARTER_HOUR)

            assert (len(found.starts), len(found.wh), int(found.wh.sum())) == (
                count,
                count,
                250 * count,
            )
            assert found.starts[1:] == found.ends[:-1]

    def test_have_23_and_25_hours(self) -> None:
        for date, hours in ((SPRING, 23), (FALL, 25)):
            channel = a_channel(date, date + dt.timedelta(days=1))

            found = readings_of(channel=channel, granularity=Granularity.HOUR)

            assert found.wh.tolist() == [1000] * hours

    def test_count_gaps_of_a_day_and_sum_the_rest(self) -> None:
        channel = a_channel(day(1), day(4))
        channel.wh[:10] = MISSING_WH
        channel.wh[96:192] = MISSING_WH
        channel.quality[192:196] = ord("L")

        found = readings_of(channel=channel, granularity=Granularity.DAY)

        assert [QUALITIES[q] for q in found.quality] == ["incomplete", "missing", "estimated"]
        assert found.wh.tolist() == [86 * 250, 0, 24_000]
        assert found.missing.tolist() == [10, 96, 0]
        assert found.estimated.tolist() == [0, 0, 4]

    def test_are_cut_into_months(self) -> None:
        channel = a_channel(dt.date(2026, 2, 20), dt.date(2026, 4, 2))

        found = readings_of(channel=channel, granularity=Granularity.MONTH)

        assert found.starts == [
            "2026-02-20T00:00:00-06:00",
            "2026-03-01T00:00:00-06:00",
            "2026-04-01T00:00:00-05:00",
        ]
        assert found.ends[1:] == ["2026-04-01T00:00:00-05:00", "2026-04-02T00:00:00-05:00"]
        assert found.wh.tolist() == [9 * 24_000, (31 * 96 - 4) * 250, 24_000]
