"""What the database refuses, whatever the code does; each guard with its negative control."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connections

from ossrep.infra import database
from ossrep.product.db import transaction
from ossrep.product.models import PlanVersion, PriceDay, TariffRow, TariffSeries
from tests.integration.product.book import import_brands, plan_document, run, write_yaml


@pytest.fixture
def owner(fresh_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection to the test's own database, in product's schema."""
    entry = settings.DATABASES["default"]
    with database.superuser_connection(entry, dbname=fresh_database) as connection:
        connection.execute("SET search_path = product")
        yield connection


@pytest.fixture
def version(fresh_database: str, django_db_blocker: Any, tmp_path: Path) -> PlanVersion:
    with django_db_blocker.unblock():
        import_brands(tmp_path)
        run("import", write_yaml(tmp_path / "plan.yaml", plan_document()))
        run("publish", "FLAT-12")
        return PlanVersion.objects.get()


@pytest.fixture(autouse=True)
def _unblock(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def _product(sql: str, parameters: list[Any] | None = None) -> None:
    """A statement as the runtime role."""
    with transaction(), connections["product"].cursor() as cursor:
        cursor.execute(sql, parameters)


class TestPlanVersion:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE plan_version SET document = '{}'",
            "UPDATE plan_version SET name = 'x'",
            "DELETE FROM plan_version",
            "TRUNCATE plan_version",
        ],
    )
    def test_is_beyond_the_rights_of_the_runtime_role(self, version: PlanVersion, sql: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied for table plan_version"):
            _product(sql)

    @pytest.mark.parametrize(
        ("sql", "message"),
        [
            ("UPDATE plan_version SET document = '{}'", "only retires, once"),
            ("UPDATE plan_version SET efl_prices = NULL, name = 'x'", "only retires, once"),
            (
                "UPDATE plan_version SET retired_at = now() + interval '1 year', name = 'x'",
                "only retires, once",
            ),
            ("DELETE FROM plan_version", "is never deleted"),
        ],
    )
    def test_does_not_change_for_its_owner_either(
        self, version: PlanVersion, owner: psycopg.Connection[Any], sql: str, message: str
    ) -> None:
        with pytest.raises(psycopg.errors.RestrictViolation, match=message):
            owner.execute(sql)

    def test_would_change_without_the_trigger(
        self, version: PlanVersion, owner: psycopg.Connection[Any]
    ) -> None:
        owner.execute("ALTER TABLE plan_version DISABLE TRIGGER plan_version_immutable")

        owner.execute("UPDATE plan_version SET name = 'x'")

        version.refresh_from_db()
        assert version.name == "x"

    def test_retires_once(self, version: PlanVersion) -> None:
        later = version.published_at + dt.timedelta(days=1)
        version.retire(at=later, reason="one")

        with pytest.raises(IntegrityError, match="only retires, once"):
            version.retire(at=later + dt.timedelta(days=1), reason="two")

        version.refresh_from_db()
        assert (version.retired_at, version.retired_reason) == (later, "one")


class TestTariffRow:
    def _row(self, series: TariffSeries, start: str, end: str | None) -> TariffRow:
        return TariffRow.objects.create(
            series=series,
            label="x",
            unit="kwh",
            rate_usd="0.05",
            from_date=start,
            to_date=end,
            source="x",
            confidence="tariff",
        )

    def _series(self, charge_code: str) -> TariffSeries:
        return TariffSeries.objects.create(
            tdsp_code="ONCOR_ELEC", rate_class="residential", charge_code=charge_code
        )

    def test_shares_no_day_with_another_of_its_series(self, fresh_database: str) -> None:
        series = self._series("A")
        self._row(series, "2026-03-01", "2026-09-01")
        self._row(series, "2026-09-01", None)

        for start, end in (("2026-08-31", "2026-09-01"), ("2027-01-01", None)):
            with pytest.raises(IntegrityError, match="tariff_row_no_overlap"):
                self._row(series, start, end)

        self._row(self._series("B"), "2026-08-31", None)
        assert TariffRow.objects.count() == 3

    def test_would_share_days_without_the_constraint(
        self, fresh_database: str, owner: psycopg.Connection[Any]
    ) -> None:
        owner.execute("ALTER TABLE tariff_row DROP CONSTRAINT tariff_row_no_overlap")
        series = self._series("A")

        self._row(series, "2026-03-01", None)
        self._row(series, "2026-03-01", None)

        assert TariffRow.objects.count() == 2

    def test_is_a_number(self, fresh_database: str) -> None:
        row = self._row(self._series("A"), "2026-03-01", None)

        with pytest.raises(IntegrityError, match="tariff_row_finite"):
            _product("UPDATE tariff_row SET rate_usd = 'NaN' WHERE id = %s", [row.pk])


class TestPriceDay:
    @pytest.mark.parametrize("values", [2, 91, 93, 97, 101])
    def test_has_the_length_of_a_day(self, fresh_database: str, values: int) -> None:
        with pytest.raises(IntegrityError, match="price_day_length"):
            PriceDay.objects.create(
                series="X", date="2026-07-30", prices=b"\0" * 4 * values, missing=0
            )

    def test_is_not_deleted(self, fresh_database: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied for table price_day"):
            _product("DELETE FROM price_day")


class TestHistory:
    @pytest.mark.parametrize(
        "table",
        [
            "brand_event",
            "plan_draft_event",
            "plan_version_event",
            "tariff_row_event",
            "price_correction",
            "shared_definition",
        ],
    )
    @pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = id"])
    def test_only_grows(self, fresh_database: str, table: str, verb: str) -> None:
        with pytest.raises(ProgrammingError, match=f"permission denied for table {table}"):
            _product(verb.format(table))
