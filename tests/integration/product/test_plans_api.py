"""``GET /api/plans``, as the customer portal calls it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ossrep.infra import services
from ossrep.product.models import PlanVersion
from ossrep.product.usecases.import_plan import import_plan
from ossrep.product.usecases.publish_plan import publish_plan
from ossrep.product.usecases.retire_plan import retire_plan
from ossrep.published.market import MarketService
from tests.integration.product.book import NOW, import_brands, label, plan_document, write_yaml
from tests.integration.product.shelf import a_market, keep_document, load_tariff

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _brands(tmp_path: Path) -> None:
    import_brands(tmp_path)


def _sell(folder: Path, code: str = "FLAT-12", **fields: Any) -> None:
    path = write_yaml(folder / f"{code}.yaml", plan_document(plan=code, **fields))
    import_plan(path=path, as_of=dt.date(2026, 11, 22))
    publish_plan(plan_code=code, as_of=NOW)


def _names(query: str = "") -> list[str]:
    return [plan["name"] for plan in Client().get(f"/api/plans{query}").json()["plans"]]


class TestPlans:
    def test_have_the_portals_shape(self, tmp_path: Path) -> None:
        _sell(tmp_path, early_termination_fee_usd="150")

        answer = Client().get("/api/plans", headers={"Authorization": "Bearer expired"})

        assert answer.status_code == 200
        assert answer.json() == {
            "plans": [
                {
                    "planId": PlanVersion.objects.get().pk,
                    "name": "Flat 12",
                    "ratePerKwh": 0.12,
                    "termMonths": 12,
                    "earlyTerminationFee": 150.0,
                    "baseCharge": 0.0,
                    "renewablePercent": 0,
                    "planType": "FIXED",
                    "status": "ACTIVE",
                    "features": [],
                    "documents": {},
                }
            ]
        }

    def test_are_none_before_one_is_published(self) -> None:
        assert Client().get("/api/plans").json() == {"plans": []}

    def test_show_the_newest_version_until_it_is_retired(self, tmp_path: Path) -> None:
        _sell(tmp_path)
        _sell(tmp_path, name="Flat 12, better")
        assert _names() == ["Flat 12, better"]

        retire_plan(plan_code="FLAT-12", as_of=NOW + dt.timedelta(days=1), reason="sold out")

        assert "Flat 12, better" not in _names()

    def test_are_narrowed_by_tdsp(self, tmp_path: Path) -> None:
        _sell(tmp_path, "ANYWHERE-12", name="Anywhere")
        _sell(tmp_path, "TNMP-12", name="There only", efl={"tdsp": "TNMP"})

        assert _names("?tdsp=TNMP") == ["Anywhere", "There only"]
        assert _names("?tdsp=oncor_elec") == ["Anywhere"]
        assert _names("?tdsp=&zip=") == ["Anywhere", "There only"]

    def test_are_narrowed_by_the_tdsps_of_a_zip(self, tmp_path: Path) -> None:
        _sell(tmp_path, "ANYWHERE-12", name="Anywhere")
        _sell(tmp_path, "TNMP-12", name="There only", efl={"tdsp": "TNMP"})
        market = a_market({"77550": ["TNMP"], "75201": ["LUBBOCK", "ONCOR_ELEC"]})

        with services.standing_in(MarketService, market):
            assert _names("?zip=77550") == ["Anywhere", "There only"]
            assert _names("?zip=77550-1234&tdsp=tnmp") == ["Anywhere", "There only"]
            assert _names("?zip=75201") == ["Anywhere"]
            assert _names("?zip=75201&tdsp=TNMP") == []
            assert _names("?zip=99999") == _names("?zip=Dallas") == []

    def test_link_to_the_documents_that_are_there(self, tmp_path: Path) -> None:
        load_tariff(tmp_path)
        _sell(tmp_path, efl=label(renewable_percent="100"))
        pk = PlanVersion.objects.get().pk
        keep_document(tmp_path, kind="yrac")

        (plan,) = Client().get("/api/plans").json()["plans"]

        base = f"http://testserver/api/v1/plans/{pk}/documents"
        assert plan["renewablePercent"] == 100
        assert plan["documents"] == {
            "eflUrl": f"{base}/efl?tdsp=ONCOR_ELEC",
            "yracUrl": f"{base}/yrac",
        }
        assert {Client().get(url).status_code for url in plan["documents"].values()} == {200}
        assert Client().get(f"{base}/tos").status_code == 404

    def test_are_read_by_two_queries(
        self, tmp_path: Path, django_assert_num_queries: Any, settings: Any
    ) -> None:
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 0
        for number in range(3):
            _sell(tmp_path, f"P-{number}", name=f"P {number}")

        with django_assert_num_queries(2, using="product"):
            assert _names() == ["P 0", "P 1", "P 2"]

    def test_are_only_read(self) -> None:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(Client(), method)("/api/plans").status_code in (401, 403, 405)
