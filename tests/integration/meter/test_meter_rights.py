"""What the database itself keeps about usage."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.db import IntegrityError, ProgrammingError, connections

from ossrep.meter.db import connection, transaction
from ossrep.meter.models import IntervalDay
from ossrep.meter.usecases.ensure_partitions import (
    InvalidMonths,
    ensure_partitions,
    months_between,
)
from tests.factories.interval_files import FALL_DAY, ADay, interval_csv, lse
from tests.integration.meter.importing import import_bytes

pytestmark = pytest.mark.django_db(databases="__all__")


def execute(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection().cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


class TestImmutableTables:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE interval_day SET total_wh = 0",
            "DELETE FROM interval_day",
            "UPDATE interval_day_202602 SET total_wh = 0",
            "DELETE FROM interval_day_202602",
            "TRUNCATE interval_day_202602",
            "UPDATE register_usage SET import_wh = 0",
            "DELETE FROM register_usage",
            "UPDATE vee_result SET measured = 0",
            "DELETE FROM vee_ruleset",
            "DELETE FROM meter_point",
            "DELETE FROM intake",
            "DELETE FROM quarantined_record",
            "DROP TABLE interval_day_202602",
        ],
    )
    def test_refuse_changes_by_the_runtime_role(self, tmp_path: Path, statement: str) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay()]))

        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction(),
        ):
            execute(statement)

        assert IntervalDay.objects.get().total_wh == sum(ADay().values())


class TestIntervalDayTable:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"wh": bytes(4 * 92)}, "interval_day_length"),
            ({"wh": bytes(4 * 96 - 1)}, "interval_day_length"),
            ({"quality": b"AA"}, "interval_day_quality_length"),
            ({"direction": 2}, "interval_day_direction"),
            ({"source": 7}, "interval_day_source"),
            ({"revision": 0}, "interval_day_revision"),
            ({"revision": 1, "became_current": False, "direction": 1}, "interval_day_revision"),
            ({"missing_intervals": 90, "estimated_intervals": 7}, "interval_day_counts"),
            ({"total_wh": -1}, "interval_day_not_negative"),
        ],
    )
    def test_refuses_rows_that_cannot_be(
        self, tmp_path: Path, change: dict[str, object], constraint: str
    ) -> None:
        import_bytes(tmp_path, "a.lse", lse([ADay()]))
        day = IntervalDay.objects.get()
        day.pk = None
        day.revision = 2
        for name, value in change.items():
            setattr(day, name, value)

        with pytest.raises(IntegrityError, match=constraint), transaction():
            day.save(force_insert=True)

    def test_expands_values_for_people(self, tmp_path: Path) -> None:
        wh = [*range(99), -1]
        import_bytes(tmp_path, "a.csv", interval_csv([ADay(date=FALL_DAY, wh=wh)]))

        ((values,),) = execute("SELECT interval_values(wh) FROM current_interval_day")

        assert values == [*range(99), None]

    def test_has_no_row_outside_a_partition(self) -> None:
        ((kind,),) = execute("SELECT relkind FROM pg_class WHERE relname = 'interval_day'")

        assert kind == "p"


class TestEnsurePartitions:
    def test_makes_what_is_not_there(self) -> None:
        first, last = dt.date(2031, 11, 20), dt.date(2032, 1, 2)

        made = ensure_partitions(first=first, last=last)

        assert made == [dt.date(2031, 11, 1), dt.date(2031, 12, 1), dt.date(2032, 1, 1)]
        assert ensure_partitions(first=first, last=last) == []
        assert execute("SELECT to_regclass('interval_day_203201')::text") == [
            ("interval_day_203201",)
        ]

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (dt.date(2031, 2, 1), dt.date(2031, 1, 1)),
            (dt.date(1999, 1, 1), dt.date(2031, 1, 1)),
            (dt.date(2026, 1, 1), dt.date(2126, 1, 1)),
        ],
    )
    def test_refuses_months_that_no_usage_has(self, first: dt.date, last: dt.date) -> None:
        with pytest.raises(InvalidMonths):
            ensure_partitions(first=first, last=last)

    def test_counts_months_over_the_year(self) -> None:
        assert months_between(first=dt.date(2025, 12, 31), last=dt.date(2026, 2, 1)) == [
            dt.date(2025, 12, 1),
            dt.date(2026, 1, 1),
            dt.date(2026, 2, 1),
        ]


class TestBorder:
    def test_keeps_other_contexts_out(self) -> None:
        with (
            connections["billing"].cursor() as cursor,
            pytest.raises(ProgrammingError, match="permission denied for schema meter"),
        ):
            cursor.execute("SELECT count(*) FROM meter.interval_day")
