"""The fake of ``product`` answers as the real one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ossrep.kernel.identifiers import BrandId, PlanVersionId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.service import ProductService as RealProductService
from ossrep.published.product import ProductService
from tests.fakes.product import FakeProductService
from tests.integration.product.book import (
    import_brands,
    plan_document,
    run,
    tariff_document,
    write_yaml,
)

pytestmark = pytest.mark.django_db(databases="__all__")

ONCOR = (TdspCode("ONCOR_ELEC"), "residential")
PERIOD = DatePeriod(dt.date(2026, 7, 1), dt.date(2026, 7, 3))
INDEX = "series,date,price_usd_per_mwh\nIDX,2026-07-02,31.02\n"


def _fake(folder: Path) -> ProductService:
    fake = FakeProductService()
    brand = fake.add_brand(code="LONESTAR")
    for name in ("One", "Two"):
        fake.add_plan(document=plan_document(name=name), brand=brand)
    tariff = tariff_document()["tariffs"][0]
    zero = {**tariff["rows"][0], "code": "ZERO", "rate_usd": "0"}
    fake.add_tariff(tdsp="ONCOR_ELEC", rate_class="residential", rows=[*tariff["rows"], zero])
    fake.add_prices(series="IDX", date=dt.date(2026, 7, 2), values=[3102])
    return fake


def _real(folder: Path) -> ProductService:
    import_brands(folder)
    for name in ("One", "Two"):
        run("import", write_yaml(folder / "plan.yaml", plan_document(name=name)))
        run("publish", "FLAT-12")
    tariff = tariff_document()
    rows = tariff["tariffs"][0]["rows"]
    rows.append({**rows[0], "code": "ZERO", "rate_usd": "0"})
    run("import-tariffs", write_yaml(folder / "tariff.yaml", tariff))
    prices = folder / "prices.csv"
    prices.write_text(INDEX)
    run("import-prices", prices)
    return RealProductService()


@pytest.fixture(params=[_fake, _real], ids=["fake", "real"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> ProductService:
    build: Callable[[Path], ProductService] = request.param
    return build(tmp_path)


class TestProductService:
    def test_finds_brands(self, service: ProductService) -> None:
        ids = service.find_brand_ids(codes={"LONESTAR", "NOBODY"})

        assert set(ids) == {"LONESTAR"}
        found = service.get_brands(brand_ids=[ids["LONESTAR"], BrandId(0)])
        assert [brand.code for brand in found.values()] == ["LONESTAR"]

    def test_finds_the_newest_version_and_any_other(self, service: ProductService) -> None:
        plans: list[tuple[str, int | None]] = [("FLAT-12", None), ("FLAT-12", 1), ("NONE", None)]

        ids = service.find_plan_version_ids(plans=plans)

        assert set(ids) == {("FLAT-12", None), ("FLAT-12", 1)}
        versions = service.get_plan_versions(plan_version_ids=[*ids.values(), PlanVersionId(0)])
        told = {(v.plan_code, v.version, v.name, v.document["name"]) for v in versions.values()}
        assert told == {("FLAT-12", 1, "One", "One"), ("FLAT-12", 2, "Two", "Two")}
        assert ids["FLAT-12", 1] != ids["FLAT-12", None]

    def test_gives_tariffs_in_force_without_zeros(self, service: ProductService) -> None:
        keys = [ONCOR, (TdspCode("TNMP"), "residential")]

        tariffs = service.get_tariffs(keys=keys, period=PERIOD)

        assert set(tariffs) == {ONCOR}
        rows: list[Any] = list(tariffs[ONCOR].rows)
        assert [(r["code"], r["rate_usd"], r["from"], r["to"]) for r in rows] == [
            ("MON", "4.06", "2026-06-01", None),
            ("KWH", "0.061322", "2026-06-01", None),
        ]
        before = DatePeriod(dt.date(2026, 5, 1), dt.date(2026, 6, 1))
        assert service.get_tariffs(keys=keys, period=before) == {}

    def test_gives_every_series_asked_for(self, service: ProductService) -> None:
        prices = service.get_prices(series=["IDX", "NONE"], period=PERIOD)

        assert prices["NONE"].days == (None, None)
        assert (prices["IDX"].start, prices["IDX"].days[0]) == (PERIOD.start, None)
        day = prices["IDX"].days[1]
        assert day is not None
        assert (day.tolist(), day.dtype.name) == ([3102], "int32")
