from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.kernel.market_time import intervals_in_day, local_midnight
from ossrep.market.edi.texas_set.intervals import (
    IntervalSeries,
    UnreadableValue,
    interval_minutes,
    read_ends,
    read_millionths,
    write_ends,
    write_millionths,
)

SPRING, FALL = dt.date(2026, 3, 8), dt.date(2026, 11, 1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def ends_of(date: dt.date) -> tuple[int, ...]:
    first = int((local_midnight(date) - EPOCH).total_seconds()) // 60
    return tuple(first + 15 * number for number in range(1, intervals_in_day(date) + 1))


def labels(ends: tuple[int, ...], midnight: str = "0000") -> tuple[list[str], list[str]]:
    found = write_ends(ends, midnight=midnight)
    return [date for date, _ in found], [time for _, time in found]


class TestEnds:
    @pytest.mark.parametrize("midnight", ["0000", "2400"])
    @pytest.mark.parametrize(
        ("date", "count"), [(SPRING, 92), (dt.date(2026, 6, 1), 96), (FALL, 100)]
    )
    def test_cover_days_of_every_length(self, date: dt.date, count: int, midnight: str) -> None:
        ends = ends_of(date)

        assert len(ends) == count
        assert read_ends(*labels(ends, midnight), 15) == ends

    def test_name_midnight_in_two_ways(self) -> None:
        ends = ends_of(dt.date(2026, 6, 1))[-1:]

        assert write_ends(ends) == [("20260602", "0000")]
        assert write_ends(ends, midnight="2400") == [("20260601", "2400")]

    def test_of_the_fall_change_come_twice(self) -> None:
        _, times = labels(ends_of(FALL))

        assert times[:9] == ["0015", "0030", "0045", "0100", "0115", "0130", "0145", "0100", "0115"]
        assert times[10:13] == ["0145", "0200", "0215"]

    def test_of_the_spring_change_leave_an_hour_out(self) -> None:
        _, times = labels(ends_of(SPRING))

        assert times[5:9] == ["0130", "0145", "0300", "0315"]

    def test_read_02_00_of_the_spring_change_as_the_moment_of_it(self) -> None:
        assert read_ends(["20260308"], ["0200"], 15) == read_ends(["20260308"], ["0300"], 15)

    def test_with_a_gap_in_the_doubled_hour_stay_in_order(self) -> None:
        ends = ends_of(FALL)
        some = ends[:7] + ends[9:20]

        assert read_ends(*labels(some), 15) == some

    def test_that_do_not_rise_are_kept_as_they_came(self) -> None:
        ends = ends_of(dt.date(2026, 6, 1))
        doubled = (*ends[:4], ends[2], *ends[4:])

        assert read_ends(*labels(doubled), 15) == doubled

    @given(
        st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
        st.integers(1, 4),
        st.sampled_from([15, 30, 60]),
        st.sampled_from(["0000", "2400"]),
    )
    def test_are_read_as_they_are_written(
        self, date: dt.date, days: int, minutes: int, midnight: str
    ) -> None:
        first = ends_of(date)[0] - 15
        last = ends_of(date + dt.timedelta(days=days - 1))[-1]
        ends = tuple(range(first + minutes, last + 1, minutes))

        assert read_ends(*labels(ends, midnight), minutes) == ends

    @pytest.mark.parametrize(
        ("date", "time"),
        [("2026011", "0015"), ("20261301", "0015"), ("20260119", "2460"), ("20260119", "")],
    )
    def test_refuse_what_is_no_time(self, date: str, time: str) -> None:
        with pytest.raises(UnreadableValue) as error:
            read_ends(["20260118", date], ["0015", time], 15)

        assert error.value.index == 1


class TestMillionths:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("0.214", 214_000),
            ("12", 12_000_000),
            (".5", 500_000),
            ("7.", 7_000_000),
            ("-1.25", -1_250_000),
            ("0.000001", 1),
            ("1.2340000", 1_234_000),
            ("999999999999.999999", 999_999_999_999_999_999),
        ],
    )
    def test_are_exact(self, text: str, value: int) -> None:
        assert read_millionths([text]) == (value,)
        assert read_millionths(["1.000", text]) == (1_000_000, value)

    @pytest.mark.parametrize(
        "text", ["", ".", "1e5", "NaN", "0.0000001", "1,5", "+1", "١", "1_0", "1.000,2", "0x1"]
    )
    def test_refuse_what_is_no_number(self, text: str) -> None:
        with pytest.raises(UnreadableValue) as error:
            read_millionths(["1.000", text, "2.000"])

        assert error.value.index == 1

    @given(st.lists(st.integers(-(10**17), 10**17), max_size=20))
    def test_are_read_as_they_are_written(self, values: list[int]) -> None:
        texts = [write_millionths(value) for value in values]

        assert read_millionths(texts) == tuple(values)
        assert [Decimal(text) for text in texts] == [Decimal(value).scaleb(-6) for value in values]


class TestIntervalSeries:
    def test_rounds_halves_of_a_watt_hour_to_even(self) -> None:
        values = (500, 1500, 2501, -500, -1500)
        series = IntervalSeries(
            unit="KH",
            minutes=15,
            end_minutes=tuple(range(15, 90, 15)),
            millionths=values,
            qualifiers=("QD",) * 5,
        )

        assert series.thousandths().tolist() == [0, 2, 3, 0, -2]

    @pytest.mark.parametrize(
        ("meter_type", "minutes"),
        [("KH015", 15), ("KH030", 30), ("K1060", 60), ("KHMON", 15), ("", 15), ("KH000", 15)],
    )
    def test_has_the_length_that_the_meter_type_names(self, meter_type: str, minutes: int) -> None:
        assert interval_minutes(meter_type) == minutes
