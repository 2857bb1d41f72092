from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Placed
from ossrep.market.edi.texas_set.usage import Measurement, Reading, Usage, UsageLoop
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.texas_set.usage_totals import total_usage
from tests.unit.market.edi.usage.files import AS_OF, day, usage_of
from tests.unit.market.edi.usage.test_intervals import ends_of

START, END = day(2026, 2, 2), day(2026, 3, 3)


def check(usage: Usage, **more: dt.date) -> list[tuple[str, str, str]]:
    faults: tuple[Fault, ...] = check_usage(usage, as_of=AS_OF, **more)
    return [(fault.code, fault.expected, fault.found) for fault in faults]


def with_loops(*loops: UsageLoop) -> Usage:
    return replace(usage_of("monthly.edi"), loops=loops)


def register(
    quantity: str,
    begin: str | None,
    end: str | None,
    *,
    unit: str = "KH",
    multiplier: str | None = "1",
    **more: str,
) -> UsageLoop:
    measurement = Measurement(
        measures="PRQ",
        quantity=Decimal(quantity),
        unit=unit,
        quality="AA",
        begin=Decimal(begin) if begin else None,
        end=Decimal(end) if end else None,
        time_of_use="51",
    )
    reading = Reading(
        qualifier="QD",
        quantity=Decimal(quantity),
        unit=unit,
        measurements=(measurement,),
        multiplier=Decimal(multiplier) if multiplier else None,
    )
    fields: dict[str, Any] = {
        "kind": "PL",
        "meter": "M1",
        "meter_type": f"{unit}MON",
        "role": "A",
    } | more
    return UsageLoop(start=START, end=END, readings=(reading,), **fields)


def summary(quantity: str, time_of_use: str = "51", unit: str = "KH") -> UsageLoop:
    measurement = Measurement(
        measures="PRQ", quantity=Decimal(quantity), unit=unit, time_of_use=time_of_use
    )
    reading = Reading(
        qualifier="QD", quantity=Decimal(quantity), unit=unit, measurements=(measurement,)
    )
    return UsageLoop(kind="SU", start=START, end=END, meter_type=f"{unit}MON", readings=(reading,))


class TestCheckUsage:
    @pytest.mark.parametrize("name", ["monthly.edi", "unmetered.edi", "initial.edi"])
    def test_finds_nothing_wrong_in_good_files(self, name: str) -> None:
        assert check(usage_of(name)) == []

    def test_finds_nothing_wrong_where_the_register_has_turned_over(self) -> None:
        assert check(usage_of("exchange.edi")) == []


class TestReads:
    @pytest.mark.parametrize(
        ("quantity", "begin", "end", "multiplier"),
        [
            ("43680", "3131", "3586", "96"),
            ("1281.6", "4410.5", "4517.3", "12"),
            ("300", "99850", "150", "1"),
            ("17", "9995", "12", None),
            ("3", "10.4", "13.1", "1"),
        ],
    )
    def test_agree_with_the_usage(
        self, quantity: str, begin: str, end: str, multiplier: str | None
    ) -> None:
        assert check(with_loops(register(quantity, begin, end, multiplier=multiplier))) == []

    def test_of_a_demand_register_begin_at_nothing(self) -> None:
        with_zero = register("104.64", "0", "1.09", unit="K4", multiplier="96")
        without = register("43.6", None, "1.09", unit="K1", multiplier="40")

        assert check(with_loops(with_zero, without)) == []

    def test_that_do_not_give_the_usage_are_told(self) -> None:
        wrong = register("456", "3131", "3586")

        assert check(with_loops(wrong)) == [("A13", "455", "456")]


class TestSummaries:
    def test_are_additive_less_subtractive(self) -> None:
        loops = (
            summary("70"),
            register("100", "0", "100"),
            register("30", "0", "30", role="S", meter=""),
            register("500", "0", "500", role="I", meter="OUT"),
            register("7", "0", "7", role="M", meter="GEN"),
        )

        assert check(with_loops(*loops)) == []
        totals = total_usage(with_loops(*loops))
        assert (totals.import_kwh, totals.export_kwh) == (Decimal(70), Decimal(500))

    def test_that_are_no_sum_are_told(self) -> None:
        loops = (summary("131"), register("100", "0", "100"), register("30", "0", "30", meter="B"))

        assert check(with_loops(*loops)) == [("SUM", "131", "130")]

    def test_of_demand_are_no_sum(self) -> None:
        demands = [register("5", None, "5", unit="K1", meter=meter) for meter in ("M1", "M2")]

        assert check(with_loops(summary("8", unit="K1"), *demands)) == []

    def test_add_unmetered_devices_up(self) -> None:
        usage = usage_of("unmetered.edi")
        less = replace(
            usage.loops[1], readings=(replace(usage.loops[1].readings[0], quantity=Decimal(551)),)
        )

        assert check(replace(usage, loops=(usage.loops[0], less))) == [("SUM", "551", "550")]

    def test_multiply_devices(self) -> None:
        usage = usage_of("unmetered.edi")
        more = replace(usage.loops[0].readings[0], devices=Decimal(11))

        found = check(replace(usage, loops=(replace(usage.loops[0], readings=(more,)),)))

        assert found == [("A13", "605", "550")]

    def test_hold_the_parts_of_the_day_against_the_total(self) -> None:
        loops = summary("100"), summary("60", "41"), summary("41", "42")

        assert check(with_loops(*loops)) == [("SUM", "100", "101")]
        assert total_usage(with_loops(*loops)).import_kwh == Decimal(100)

    def test_add_parts_of_the_day_up_where_no_total_is_sent(self) -> None:
        loops = summary("60", "41"), summary("41", "42")

        assert total_usage(with_loops(*loops)).import_kwh == Decimal(101)


class TestDatesAndCodes:
    def test_refuse_a_period_that_starts_after_its_end(self) -> None:
        loop = replace(summary("1"), start=day(2026, 3, 4))

        assert check(with_loops(loop)) == [("ASP", "2026-03-03", "2026-03-04")]

    def test_refuse_a_read_of_the_future(self) -> None:
        loop = replace(summary("1"), end=day(2026, 3, 6))

        assert check(with_loops(loop)) == [("RDF", "2026-03-05", "2026-03-06")]

    def test_find_a_gap_to_the_period_before(self) -> None:
        usage = usage_of("monthly.edi")

        assert check(usage, previous_end=dt.date(2026, 2, 2)) == []
        assert check(usage, previous_end=dt.date(2026, 2, 1)) == [
            ("DDM", "2026-02-01", "2026-02-02")
        ]

    def test_hold_a_role_and_a_time_of_use_that_no_table_knows(self) -> None:
        role, time_of_use = register("1", "0", "1", role="Q"), summary("1", "77")

        assert check(with_loops(role)) == [("MRI", "A, S, I or M", "Q")]
        assert check(with_loops(time_of_use)) == [("TOU", "a known code", "77")]

    def test_tell_of_usage_that_stands_nowhere(self) -> None:
        lost = replace(usage_of("monthly.edi"), unknown=(Placed(3, ["QTY", "QD", "5", "KH"]),))

        assert [code for code, _, _ in check(lost)] == ["A13"]


FALL = dt.date(2026, 11, 1)


def interval_usage(
    ends: tuple[int, ...], total: str, values: tuple[int, ...] | None = None, role: str = "A"
) -> Usage:
    series = IntervalSeries(
        unit="KH",
        minutes=15,
        end_minutes=ends,
        millionths=values or (250_000,) * len(ends),
        qualifiers=("QD",) * len(ends),
    )
    period: dict[str, Any] = {"start": day(2026, 11, 1), "end": day(2026, 11, 2)}
    reading = Reading(qualifier="QD", quantity=Decimal(total), unit="KH")
    loops = (
        UsageLoop(kind="IA", meter_type="KH015", readings=(reading,), **period),
        UsageLoop(
            kind="BO", meter="M1", role=role, meter_type="KH015", readings=(reading,), **period
        ),
        UsageLoop(kind="PM", meter="M1", role=role, meter_type="KH015", intervals=series, **period),
    )
    return replace(usage_of("monthly.edi"), loops=loops)


class TestIntervals:
    def check(self, usage: Usage) -> list[tuple[str, str, str]]:
        faults = check_usage(usage, as_of=dt.date(2026, 12, 1))
        return [(fault.code, fault.expected, fault.found) for fault in faults]

    def test_of_a_whole_day_with_100_quarters_are_right(self) -> None:
        assert self.check(interval_usage(ends_of(FALL), "25")) == []

    def test_may_differ_from_the_total_by_rounding(self) -> None:
        values = (250_000,) * 99 + (249_000,)

        assert self.check(interval_usage(ends_of(FALL), "25.04", values)) == []

    def test_that_do_not_add_up_are_told_for_each_total(self) -> None:
        found = self.check(interval_usage(ends_of(FALL), "26"))

        assert found == [("SUM", "26", "25.000000")] * 2

    def test_that_are_missing_are_told(self) -> None:
        ends = ends_of(FALL)

        found = self.check(interval_usage(ends[:30] + ends[31:], "24.75"))

        assert found == [("INT", "an unbroken series", "1")]

    def test_must_reach_from_the_start_to_the_end(self) -> None:
        found = self.check(interval_usage(ends_of(FALL)[1:-1], "24.5"))

        assert found == [
            ("INT", "2026-11-01T05:00:00+00:00", "2026-11-01T05:15:00+00:00"),
            ("INT", "2026-11-02T06:00:00+00:00", "2026-11-02T05:45:00+00:00"),
        ]

    def test_of_the_cut_excerpt_are_too_few(self) -> None:
        usage = usage_of("constructed_867_03_interval_excerpt.edi")

        assert [code for code, _, _ in check(usage)] == ["INT", "SUM", "SUM"]
        assert total_usage(usage).import_kwh == Decimal(1475)
