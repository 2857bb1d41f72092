from __future__ import annotations

import datetime as dt

import pytest

from ossrep.demo.parameters import DemoParameters, DemoRefused
from ossrep.demo.schedule import Month, Schedule, read_date


class TestReadDate:
    def test_is_the_cycles_day_of_the_month(self) -> None:
        assert read_date(cycle="09", month=Month.of(dt.date(2026, 9, 1))) == dt.date(2026, 9, 9)

    @pytest.mark.parametrize(
        ("cycle", "month", "expected"),
        [("14", 11, dt.date(2026, 11, 16)), ("04", 10, dt.date(2026, 10, 5))],
    )
    def test_moves_from_a_weekend_to_monday(
        self, cycle: str, month: int, expected: dt.date
    ) -> None:
        assert read_date(cycle=cycle, month=Month.of(dt.date(2026, month, 1))) == expected


class TestSchedule:
    def test_runs_all_cycles_of_the_last_months_that_can_be_billed(self) -> None:
        runs = list(Schedule(as_of=dt.date(2026, 11, 22), months=2).runs())

        assert [(run.date, run.cycle) for run in runs] == [
            (dt.date(2026, 10, 8), "04"),
            (dt.date(2026, 10, 12), "09"),
            (dt.date(2026, 10, 17), "14"),
            (dt.date(2026, 10, 22), "19"),
            (dt.date(2026, 11, 7), "04"),
            (dt.date(2026, 11, 12), "09"),
            (dt.date(2026, 11, 19), "14"),
            (dt.date(2026, 11, 22), "19"),
        ]

    def test_holds_the_fall_clock_change_in_every_last_period_of_the_default(self) -> None:
        runs = [r for r in DemoParameters().schedule.runs() if r.month == Month(2026 * 12 + 10)]

        assert [dt.date(2026, 11, 1) in run.period for run in runs] == [True] * 4

    def test_waits_for_the_last_cycle(self) -> None:
        months = Schedule(as_of=dt.date(2026, 11, 21), months=1).billing_months

        assert [str(month) for month in months] == ["2026-10"]


class TestDemoParameters:
    @pytest.mark.parametrize(
        ("name", "value"), [("accounts", 0), ("months", 25), ("seed", -1), ("accounts", 1_000_001)]
    )
    def test_refuses_what_makes_no_demo(self, name: str, value: int) -> None:
        with pytest.raises(DemoRefused) as refused:
            DemoParameters(**{name: value})

        assert refused.value.where == f"--{name}"
