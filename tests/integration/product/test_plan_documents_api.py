"""Offers by place, and the documents of a plan, over HTTP."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.db import DatabaseError, connections
from django.test import Client

from ossrep.infra import services
from ossrep.product.domain.fields import InvalidFile
from ossrep.product.models import LegalDocument, PlanVersion
from ossrep.product.usecases.import_legal_document import (
    DocumentOrder,
    DocumentRefused,
    import_legal_document,
    read_document,
)
from ossrep.product.usecases.import_plan import import_plan
from ossrep.product.usecases.publish_plan import publish_plan
from ossrep.published.market import MarketService
from tests.integration.product.book import (
    NOW,
    import_brands,
    label,
    plan_document,
    run,
    write_yaml,
)
from tests.integration.product.shelf import PDF, a_market, keep_document, load_tariff

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Two TDSPs in 75201, one of them alone in 77550; a plan for one, a plan for all."""
    settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 0
    import_brands(tmp_path)
    load_tariff(tmp_path)
    load_tariff(tmp_path, tdsp="TNMP")
    _sell(tmp_path, "ANY-12", name="Any 12")
    _sell(tmp_path, "HERE-12", name="Here 12", efl=label(renewable_percent="37.5"))
    market = a_market({"75201": ["ONCOR_ELEC", "TNMP"], "77550": ["TNMP"]})
    with services.standing_in(MarketService, market):
        yield


def _sell(folder: Path, code: str, **fields: Any) -> None:
    path = write_yaml(folder / f"{code}.yaml", plan_document(plan=code, **fields))
    import_plan(path=path, as_of=dt.date(2026, 11, 22))
    publish_plan(plan_code=code, as_of=NOW)


def _version(code: str) -> int:
    return PlanVersion.objects.get(plan__code=code).pk


def _url(code: str, kind: str) -> str:
    return f"/api/v1/plans/{_version(code)}/documents/{kind}"


def _offers(query: str) -> dict[str, list[str]]:
    found = Client().get(f"/api/v1/plans?{query}").json()["tdsps"]
    return {area["tdspCode"]: [plan["name"] for plan in area["plans"]] for area in found}


class TestOffers:
    def test_answer_for_each_tdsp_of_a_zip(self) -> None:
        assert _offers("zip=75201") == {"ONCOR_ELEC": ["Any 12", "Here 12"], "TNMP": ["Any 12"]}
        assert _offers("zip=75201&tdsp=tnmp") == {"TNMP": ["Any 12"]}
        assert _offers("tdsp=ONCOR_ELEC") == {"ONCOR_ELEC": ["Any 12", "Here 12"]}
        assert _offers("zip=99999") == {}
        assert _offers("tdsp=TNMP&customerClass=large_commercial") == {"TNMP": []}

    def test_have_the_price_of_the_label_in_the_area(self) -> None:
        (area,) = Client().get("/api/v1/plans?tdsp=ONCOR_ELEC").json()["tdsps"]

        (_, plan) = area["plans"]
        assert area["tdspName"] == "Oncor_Elec Delivery"
        assert plan == {
            "planVersionId": _version("HERE-12"),
            "planCode": "HERE-12",
            "version": 1,
            "name": "Here 12",
            "brandCode": "LONESTAR",
            "brandName": "Lone Star Retail",
            "customerClass": "residential",
            "productType": "fixed",
            "termMonths": 12,
            "earlyTerminationFeeUsd": "0.00",
            "energyRateUsdPerKwh": "0.120000",
            "baseChargeUsd": "0.00",
            "renewablePercent": "37.5",
            "features": [],
            "averagePrices": [
                {"kwh": 500, "centsPerKwh": "18.9"},
                {"kwh": 1000, "centsPerKwh": "18.5"},
                {"kwh": 2000, "centsPerKwh": "18.3"},
            ],
            "documents": {"eflUrl": f"http://testserver{_url('HERE-12', 'efl')}?tdsp=ONCOR_ELEC"},
        }

    @pytest.mark.parametrize("query", ["", "zip=7520", "zip=75201&customerClass=giant"])
    def test_say_what_is_missing(self, query: str) -> None:
        assert Client().get(f"/api/v1/plans?{query}").status_code == 400

    def test_take_as_many_queries_for_many_areas_as_for_one(
        self, django_assert_num_queries: Any
    ) -> None:
        for query in ("tdsp=TNMP", "zip=75201"):
            with django_assert_num_queries(3, using="product"):
                _offers(query)


class TestFactsLabel:
    def test_prints_prices_terms_and_what_they_are_made_of(self) -> None:
        answer = Client().get(_url("HERE-12", "efl"))

        page = " ".join(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
        for text in (
            "Electricity Facts Label (EFL)",
            "Lone Star Retail",
            "Here 12",
            "500 kWh 1,000 kWh 2,000 kWh",
            "18.9¢ 18.5¢ 18.3¢",
            "$0.12 per kWh",
            "6.1322¢ per kWh",
            "$4.06 per month",
            "Fixed Rate",
            "12 months",
            "This product is 37.5% renewable.",
            "PUCT certificate no. 10999",
            "HERE-12 version 1, ONCOR_ELEC, 2026-09-15",
        ):
            assert text in page
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "public, max-age=300"

    def test_is_not_sent_again_to_who_has_it(self) -> None:
        tag = Client().get(_url("HERE-12", "efl"))["ETag"]

        again = Client().get(_url("HERE-12", "efl"), headers={"If-None-Match": tag})

        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize(
        ("code", "query", "detail"),
        [
            ("ANY-12", "", "name one with tdsp"),
            ("ANY-12", "?tdsp=LUBBOCK", "cannot be computed"),
            ("HERE-12", "?tdsp=TNMP", "not sold in the area"),
        ],
    )
    def test_says_why_there_is_none(self, code: str, query: str, detail: str) -> None:
        answer = Client().get(_url(code, "efl") + query)

        assert (answer.status_code, answer.json()["code"]) == (404, "no_facts_label")
        assert detail in answer.json()["detail"]

    def test_of_no_plan_is_absent(self) -> None:
        for kind in ("efl", "tos", "other"):
            assert Client().get(f"/api/v1/plans/987654321/documents/{kind}").status_code == 404


class TestLegalDocuments:
    def test_are_the_newest_of_the_language(self, tmp_path: Path) -> None:
        keep_document(tmp_path, kind="tos")
        keep_document(tmp_path, kind="tos", text="second")
        keep_document(tmp_path, kind="tos", text="tercero", language="es")

        url = _url("ANY-12", "tos")

        assert Client().get(url).content == PDF + b"second"
        assert Client().get(f"{url}?language=es").content == PDF + b"tercero"
        assert Client().get(f"{url}?language=de").status_code == 400

    def test_of_a_plan_stand_before_those_of_the_brand(self, tmp_path: Path) -> None:
        keep_document(tmp_path, kind="yrac", text="own", plan="ANY-12")
        keep_document(tmp_path, kind="yrac", text="all")

        assert Client().get(_url("ANY-12", "yrac")).content == PDF + b"own"
        assert Client().get(_url("HERE-12", "yrac")).content == PDF + b"all"

    def test_come_in_another_language_where_there_is_none(self, tmp_path: Path) -> None:
        keep_document(tmp_path, kind="tos")

        assert Client().get(_url("ANY-12", "tos") + "?language=es").content == PDF + b"first"

    def test_are_taken_once(self, tmp_path: Path) -> None:
        assert "taken" in keep_document(tmp_path, kind="tos")
        assert "was there already" in keep_document(tmp_path, kind="tos")
        assert LegalDocument.objects.count() == 1

    def test_of_text_are_set_as_pages(self, tmp_path: Path) -> None:
        text = "# Terms\n\n## Price\nOne price\nfor all.\n\n- an item\n"
        path = tmp_path / "terms.txt"
        path.write_text(text)
        options = ["--brand", "LONESTAR", "--kind", "tos", "--document-version", "7"]
        run("import-document", path, *options)

        pages = pypdf.PdfReader(io.BytesIO(Client().get(_url("ANY-12", "tos")).content)).pages

        words = " ".join(pages[0].extract_text().split())
        assert "Terms Lone Star Retail · Version 7" in words
        assert "Price One price for all. • an item" in words
        assert LegalDocument.objects.get().text == text

    def test_keep_what_a_version_said(self, tmp_path: Path) -> None:
        path = tmp_path / "terms.txt"
        options = ["--brand", "LONESTAR", "--kind", "tos", "--document-version", "7"]
        path.write_text("# Terms\none\n")
        run("import-document", path, *options)
        path.write_text("# Terms\nother\n")

        with pytest.raises(DocumentRefused, match="7: this version was given out"):
            run("import-document", path, *options)

        assert LegalDocument.objects.count() == 1

    @pytest.mark.parametrize(
        ("brand", "content", "reason"),
        [
            ("NOBODY", PDF, "NOBODY: no brand has this code"),
            ("LONESTAR", b"\xff\xfe", "terms.pdf: this is neither a PDF nor text"),
            ("LONESTAR", PDF + b"x" * 5_000_000, "at most 5,000,000 bytes"),
        ],
    )
    def test_are_refused_with_the_reason(
        self, brand: str, content: bytes, reason: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "terms.pdf"
        path.write_bytes(content)

        with pytest.raises(DocumentRefused, match=reason):
            import_legal_document(
                order=DocumentOrder(
                    content=read_document(path),
                    file_name=path.name,
                    brand_code=brand,
                    kind="tos",
                    version="1",
                )
            )
        assert LegalDocument.objects.count() == 0

    def test_never_change(self, tmp_path: Path) -> None:
        keep_document(tmp_path, kind="tos")

        with pytest.raises(DatabaseError, match="permission denied"):
            LegalDocument.objects.update(version="other")
        assert connections["product"].needs_rollback


class TestRenewablePercent:
    def test_is_nothing_promised_where_a_plan_is_silent(self) -> None:
        plans = Client().get("/api/plans").json()["plans"]

        assert [(plan["name"], plan["renewablePercent"]) for plan in plans] == [
            ("Any 12", 0.0),
            ("Here 12", 37.5),
        ]

    def test_lies_between_0_and_100(self, tmp_path: Path) -> None:
        document = plan_document(plan="GREEN", efl=label(renewable_percent="100.5"))

        with pytest.raises(InvalidFile, match="renewable_percent"):
            import_plan(path=write_yaml(tmp_path / "green.yaml", document), as_of=NOW.date())
