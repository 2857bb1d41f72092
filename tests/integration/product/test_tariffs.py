"""Delivery tariffs from YAML, and what other contexts get of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.domain.fields import InvalidFile
from ossrep.product.models import TariffRow
from ossrep.product.queries.tariffs import list_rate_classes_in_force
from ossrep.product.service import ProductService
from ossrep.product.usecases.import_tariffs import (
    CorrectionNeedsReason,
    TariffsImported,
    import_tariffs,
)
from ossrep.rating import parse_tariff_rows
from tests.integration.product.book import run, tariff_document, write_yaml

pytestmark = pytest.mark.django_db(databases="__all__")

ONCOR = (TdspCode("ONCOR_ELEC"), "residential")
JULY = DatePeriod(dt.date(2026, 7, 1), dt.date(2026, 8, 1))


def _import(folder: Path, *, correct: bool = False, **tariff: Any) -> TariffsImported:
    path = write_yaml(folder / "tariff.yaml", tariff_document(**tariff))
    outcome = import_tariffs(path=path, correct=correct, reason="the tariff was misread")
    assert_invariants(contexts=["product"])
    return outcome


def _rates(period: DatePeriod = JULY) -> list[tuple[Any, ...]]:
    tariff = ProductService().get_tariffs(keys=[ONCOR], period=period)[ONCOR]
    return [(row["code"], row["rate_usd"], row["from"], row["to"]) for row in tariff.rows]


class TestImportTariffs:
    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        assert _import(tmp_path) == TariffsImported(added=2)

        assert _import(tmp_path) == TariffsImported(same=2)

        assert [row.events.count() for row in TariffRow.objects.all()] == [1, 1]

    def test_gives_an_open_row_its_end(self, tmp_path: Path) -> None:
        _import(tmp_path)

        assert _import(tmp_path, to="2026-09-01") == TariffsImported(ended=2)

        assert _rates() == [
            ("MON", "4.06", "2026-06-01", "2026-09-01"),
            ("KWH", "0.061322", "2026-06-01", "2026-09-01"),
        ]

    def test_refuses_a_contradiction_with_its_line_and_takes_nothing(self, tmp_path: Path) -> None:
        _import(tmp_path, to="2026-09-01")
        document = tariff_document(fixed="4.23", **{"from": "2026-08-01"})
        path = write_yaml(tmp_path / "new.yaml", document)

        with pytest.raises(InvalidFile) as caught:
            import_tariffs(path=path)

        told = str(caught.value).splitlines()
        assert [line.split(": shares")[0] for line in told] == [
            f"{path}:7: tariffs[0].rows[0]",
            f"{path}:13: tariffs[0].rows[1]",
        ]
        assert TariffRow.objects.count() == 2

    def test_corrects_with_a_reason_and_keeps_the_old(self, tmp_path: Path) -> None:
        _import(tmp_path)

        outcome = _import(tmp_path, correct=True, per_kwh="0.0614")

        assert outcome == TariffsImported(corrected=1, same=1)
        row = TariffRow.objects.get(series__charge_code="KWH")
        history = row.events.order_by("pgh_id").values_list("rate_usd", flat=True)
        assert [str(rate) for rate in history] == ["0.06132200", "0.06140000"]

    def test_does_not_correct_without_a_reason(self, tmp_path: Path) -> None:
        path = write_yaml(tmp_path / "tariff.yaml", tariff_document())

        with pytest.raises(CorrectionNeedsReason):
            import_tariffs(path=path, correct=True)

    def test_refuses_an_unknown_tdsp(self, tmp_path: Path) -> None:
        path = write_yaml(tmp_path / "tariff.yaml", tariff_document(tdsp="ONCOR"))

        with pytest.raises(InvalidFile, match=r"tariff\.yaml:2: tariffs\[0\]\.tdsp: no TDSP has"):
            import_tariffs(path=path)


class TestGetTariffs:
    def test_gives_rows_that_rating_reads(self, tmp_path: Path) -> None:
        _import(tmp_path, to="2026-07-15")
        _import(tmp_path, fixed="4.23", **{"from": "2026-07-15"})

        tariff = ProductService().get_tariffs(keys=[ONCOR], period=JULY)[ONCOR]

        assert [str(row.rate_usd) for row in parse_tariff_rows(tariff.rows)] == [
            "4.06",
            "4.23",
            "0.061322",
            "0.061322",
        ]
        assert tariff.rows[0] == {
            "code": "MON",
            "label": "Fixed",
            "unit": "month",
            "rate_usd": "4.06",
            "from": "2026-06-01",
            "to": "2026-07-15",
            "proration": "none",
        }

    def test_leaves_out_what_is_not_in_force(self, tmp_path: Path) -> None:
        _import(tmp_path, to="2026-07-01")

        assert ProductService().get_tariffs(keys=[ONCOR], period=JULY) == {}

    def test_leaves_out_a_charge_of_zero(self, tmp_path: Path) -> None:
        _import(tmp_path, fixed="0")

        assert [code for code, *_ in _rates()] == ["KWH"]

    def test_keeps_a_zero_beside_a_rate_of_the_same_charge(self, tmp_path: Path) -> None:
        _import(tmp_path, to="2026-07-15")
        _import(tmp_path, fixed="0", **{"from": "2026-07-15"})

        assert [(code, rate) for code, rate, *_ in _rates()][:2] == [("MON", "4.06"), ("MON", "0")]


class TestListRateClassesInForce:
    def test_names_each_class_once(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _import(tmp_path, tdsp="TNMP", to="2026-07-01")

        assert list_rate_classes_in_force(on=dt.date(2026, 7, 1)) == [ONCOR]
        assert len(list_rate_classes_in_force(on=dt.date(2026, 6, 30))) == 2


class TestShippedTariffs:
    @pytest.fixture(autouse=True)
    def _shipped(self) -> None:
        run("import-tariffs")

    def test_load_once(self) -> None:
        lines = run("import-tariffs").splitlines()[1:]

        assert {tuple(line.split("\t")[1:5]) for line in lines} == {("0", "0", "0", "0")}
        assert len(lines) == 6

    @pytest.mark.parametrize(
        ("tdsp", "date", "month", "kwh"),
        [
            ("ONCOR_ELEC", "2026-09-15", "4.06", "0.061322"),
            ("ONCOR_ELEC", "2025-03-01", "4.23", "0.050339"),
            ("CENTERPOINT", "2026-09-01", "4.9", "0.049993"),
            ("CENTERPOINT", "2026-09-02", "4.9", "0.06413"),
            ("AEP_CENTRAL", "2024-11-15", "3.21", "0.0612984"),
            ("AEP_NORTH", "2026-11-15", "5.88", "0.051265"),
            ("TNMP", "2026-02-01", "7.85", "0.07237"),
            ("LUBBOCK", "2026-02-01", "0", "0.06442"),
        ],
    )
    def test_add_up_to_the_published_totals(
        self, tdsp: str, date: str, month: str, kwh: str
    ) -> None:
        day = dt.date.fromisoformat(date)
        key = (TdspCode(tdsp), "residential")

        tariff = ProductService().get_tariffs(
            keys=[key], period=DatePeriod(day, day + dt.timedelta(days=1))
        )[key]

        rows = parse_tariff_rows(tariff.rows)
        sums = {unit: sum(r.rate_usd for r in rows if r.unit == unit) for unit in ("month", "kwh")}
        assert sums == {"month": Decimal(month), "kwh": Decimal(kwh)}

    def test_say_of_every_row_where_it_comes_from(self) -> None:
        assert TariffRow.objects.filter(source="").count() == 0
        assert set(TariffRow.objects.values_list("confidence", flat=True)) == {
            "quoted",
            "third_party",
            "unverified",
            "carried_forward",
        }


class TestDemoPlans:
    def test_print_what_the_shipped_tariffs_give(self) -> None:
        run("import-tariffs")
        run("import-tariffs", "ossrep/demo/tariffs.yaml")
        run("import-calendars", "ossrep/demo/calendars.yaml")
        run("import-brands", "ossrep/demo/brands.yaml")
        imported = run("import", "ossrep/demo/plans").splitlines()[1:]
        codes = [line.split("\t")[1] for line in imported]

        published = run("publish", *codes).splitlines()[1:]

        assert [line.split("\t")[:3] for line in published] == [
            [code, "1", "published"] for code in codes
        ]
        assert len(codes) == 8
