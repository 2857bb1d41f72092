"""What is missing or estimated before a bill run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from ossrep.kernel.periods import DatePeriod
from ossrep.meter.queries.gaps import DayGap, find_gaps
from ossrep.meter.queries.service_windows import (
    NoContracts,
    NoReadDates,
    ServiceWindow,
    list_service_windows,
)
from tests.factories.interval_files import SPRING_DAY, ADay, esi_id, interval_csv, lse
from tests.integration.meter.importing import import_bytes
from tests.integration.meter.serving import AS_OF, END, START, a_book, the_windows

pytestmark = pytest.mark.django_db(databases="__all__")

ONE = dt.timedelta(days=1)


def whole_period(number: int, **fields: object) -> list[ADay]:
    return [
        ADay(esi_id=esi_id(number), date=START + n * ONE, **fields)  # type: ignore[arg-type]
        for n in range((END - START).days)
    ]


class TestListServiceWindows:
    def test_lie_between_the_last_two_read_dates(self) -> None:
        with a_book(points=2):
            found = the_windows()

        assert found == [
            ServiceWindow(esi_id(i), "ONCOR_ELEC", "07", START, END)  # type: ignore[arg-type]
            for i in (1, 2)
        ]

    def test_are_cut_where_a_contract_begins_or_ends(self) -> None:
        starts = {1: START + 5 * ONE, 2: END}
        with a_book(points=3, starts=starts, ends={3: START + ONE}):
            found = the_windows()

        assert [(w.esi_id, w.start, w.end) for w in found] == [
            (esi_id(1), START + 5 * ONE, END),
            (esi_id(3), START, START + ONE),
        ]

    def test_take_a_given_period_without_a_calendar(self) -> None:
        period = DatePeriod(dt.date(2026, 2, 1), dt.date(2026, 2, 3))
        with a_book(points=1, read_dates=()):
            found = list_service_windows(read_cycle=None, as_of=AS_OF, period=period)

        assert [(w.start, w.end) for w in found] == [(period.start, period.end)]

    def test_say_which_cycle_lacks_its_read_dates(self) -> None:
        with a_book(read_dates=(START,)), pytest.raises(NoReadDates) as refused:
            the_windows()

        assert "ONCOR_ELEC cycle 07" in str(refused.value)

    def test_say_when_nobody_is_served(self) -> None:
        with a_book(points=0), pytest.raises(NoContracts) as refused:
            the_windows()

        assert str(refused.value) == "no contract of read cycle 07 was in service by 2026-03-13"


class TestFindGaps:
    def test_finds_nothing_in_whole_actual_months(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(whole_period(1)))

        with a_book(points=1):
            assert find_gaps(windows=the_windows()) == []

    def test_finds_absent_incomplete_and_estimated_days(self, tmp_path: Path) -> None:
        days = whole_period(1)
        days[3] = ADay(esi_id=esi_id(1), date=START + 3 * ONE, quality="E" * 4 + "A" * 92)
        del days[26]
        import_bytes(tmp_path, "a.lse", lse(days))
        import_bytes(
            tmp_path,
            "b.csv",
            interval_csv(
                [
                    ADay(
                        esi_id=esi_id(1),
                        date=START + 9 * ONE,
                        wh=[5] * 90 + [-1] * 6,
                        known_at=dt.datetime(2026, 3, 20, tzinfo=dt.UTC),
                    )
                ]
            ),
        )

        with a_book(points=1):
            found = find_gaps(windows=the_windows())

        assert START + 26 * ONE == SPRING_DAY
        assert found == [
            DayGap(esi_id(1), START + 3 * ONE, 0, "estimated", 0, 4),  # type: ignore[arg-type]
            DayGap(esi_id(1), START + 9 * ONE, 0, "incomplete", 6, 0),  # type: ignore[arg-type]
            DayGap(esi_id(1), SPRING_DAY, 0, "absent", 92, 0),  # type: ignore[arg-type]
        ]

    def test_counts_export_from_its_first_day(self, tmp_path: Path) -> None:
        exports = [
            ADay(esi_id=esi_id(1), date=START + n * ONE, direction="export") for n in (20, 22)
        ]
        import_bytes(tmp_path, "a.lse", lse([*whole_period(1), *exports]))

        with a_book(points=1):
            found = find_gaps(windows=the_windows())

        assert [(gap.date, gap.direction) for gap in found] == [
            (START + n * ONE, 1) for n in (21, *range(23, 30))
        ]

    def test_finds_all_days_of_an_esi_id_without_usage(self) -> None:
        with a_book(points=1):
            found = find_gaps(windows=the_windows())

        assert [gap.date for gap in found] == [START + n * ONE for n in range(30)]
        assert sum(gap.missing for gap in found) == 30 * 96 - 4

    def test_asks_as_often_for_many_as_for_one(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse([*whole_period(1), *whole_period(2)]))
        counts = []
        for points in (1, 9):
            with a_book(points=points), CaptureQueriesContext(connections["meter"]) as queries:
                find_gaps(windows=the_windows())
            counts.append(len(queries))

        assert counts[0] == counts[1]
