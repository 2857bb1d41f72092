"""The admin's pages of this context: readable, and no query for each row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.product.models import (
    Brand,
    LegalDocument,
    PlanDraft,
    PlanVersion,
    PriceDay,
    RefusedPriceRow,
    TariffSeries,
)
from tests.integration.product.book import (
    import_brands,
    label,
    plan_document,
    run,
    tariff_document,
    write_yaml,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


@pytest.fixture
def book(tmp_path: Path) -> None:
    """A published plan with a label, a draft, a tariff, a price day, a refused row."""
    import_brands(tmp_path)
    run("import-tariffs", write_yaml(tmp_path / "tariff.yaml", tariff_document()))
    prices = {"500": "18.9", "1000": "18.5", "2000": "18.3"}
    plan = plan_document(efl=label(average_prices_cents=prices))
    run("import", write_yaml(tmp_path / "plan.yaml", plan))
    run("publish", "FLAT-12")
    run("import", write_yaml(tmp_path / "plan.yaml", plan_document(name="Flat again")))
    spp = tmp_path / "spp.csv"
    spp.write_text(
        "DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,"
        "SettlementPointType,SettlementPointPrice,DSTFlag\n"
        "07/30/2026,9,3,LZ_NORTH,LZ,19.27,N\n07/30/2026,9,4,LZ_NORTH,LZ,-3.75,N\n"
        "07/30/2026,25,1,LZ_NORTH,LZ,1,N\n"
    )
    with pytest.raises(Exception, match="1 rows are in quarantine"):
        run("import-prices", spp)


def _page(client: Client, path: str) -> str:
    answer = client.get(f"/admin/product/{path}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def _cells(page: str) -> list[str]:
    found = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", page)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]


class TestPlanVersionPage:
    def test_shows_components_and_label(self, admin: Client, book: None) -> None:
        page = _page(admin, f"planversion/{PlanVersion.objects.get().pk}/change/")

        cells = _cells(page)
        assert cells[cells.index("energy") :][:3] == ["energy", "Energy charge", "$0.12 per kWh"]
        assert cells[cells.index("ONCOR_ELEC") :][:6] == [
            "ONCOR_ELEC",
            "residential",
            "2026-09-15",
            "18.9 (as printed 18.9)",
            "18.5 (as printed 18.5)",
            "18.3 (as printed 18.3)",
        ]

    def test_retires_by_action(self, admin: Client, book: None) -> None:
        version = PlanVersion.objects.get()

        admin.post(
            "/admin/product/planversion/", {"action": "retire", "_selected_action": [version.pk]}
        )

        version.refresh_from_db()
        assert (version.status, version.retired_reason) == ("retired", "by ada in the admin")

    def test_offers_no_action_to_who_may_only_look(self, client: Client, book: None) -> None:
        user = User.objects.create_user("bob", password="x", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_planversion"))
        client.force_login(user)

        page = _page(client, "planversion/")
        client.post(
            "/admin/product/planversion/",
            {"action": "retire", "_selected_action": [PlanVersion.objects.get().pk]},
        )

        assert 'value="retire"' not in page
        assert PlanVersion.objects.get().status == "published"

    def test_cannot_be_edited(self, admin: Client, book: None) -> None:
        version = PlanVersion.objects.get()

        answer = admin.post(f"/admin/product/planversion/{version.pk}/change/", {"name": "x"})

        assert answer.status_code == 403
        assert admin.get("/admin/product/planversion/add/").status_code == 403
        assert (
            admin.post(f"/admin/product/planversion/{version.pk}/delete/", {"post": "yes"})
        ).status_code == 403


class TestPlanDraftPage:
    def test_publishes_by_action(self, admin: Client, book: None) -> None:
        draft = PlanDraft.objects.get()

        admin.post(
            "/admin/product/plandraft/", {"action": "publish", "_selected_action": [draft.pk]}
        )

        assert list(PlanVersion.objects.values_list("version", "name")) == [
            (1, "Flat 12"),
            (2, "Flat again"),
        ]

    def test_tells_why_a_draft_is_not_published(
        self, admin: Client, book: None, tmp_path: Path
    ) -> None:
        plan = plan_document(efl=label(average_prices_cents={"1000": "9.9"}))
        run("import", write_yaml(tmp_path / "plan.yaml", plan))
        draft = PlanDraft.objects.get()

        answer = admin.post(
            "/admin/product/plandraft/",
            {"action": "publish", "_selected_action": [draft.pk]},
            follow=True,
        )

        assert "1000 kWh: stored 9.9, computed 18.5" in answer.content.decode()


class TestOtherPages:
    def test_show_a_price_day_as_a_picture(self, admin: Client, book: None) -> None:
        page = _page(admin, f"priceday/{PriceDay.objects.get().pk}/change/")

        assert 'aria-label="Prices of 2026-07-30"' in page
        assert "19.27" in page

    def test_show_the_rows_of_a_charge(self, admin: Client, book: None) -> None:
        series = TariffSeries.objects.get(charge_code="KWH")

        page = _page(admin, f"tariffseries/{series.pk}/change/")

        assert "0.061322" in page
        assert "$0.061322 per kWh" in _page(admin, "tariffseries/")

    def test_settle_refused_rows(self, admin: Client, book: None) -> None:
        row = RefusedPriceRow.objects.get()

        admin.post(
            "/admin/product/refusedpricerow/",
            {"action": "discard", "_selected_action": [row.pk]},
        )

        row.refresh_from_db()
        assert row.settlement == "discarded"

    @pytest.mark.parametrize(
        "path",
        [
            "brand",
            "planversion",
            "plandraft",
            "shareddefinition",
            "tariffseries",
            "tariffrow",
            "priceday",
            "pricecorrection",
            "refusedpricerow",
        ],
    )
    def test_list_and_search_with_few_queries(self, admin: Client, book: None, path: str) -> None:
        with CaptureQueriesContext(connections["product"]) as queries:
            _page(admin, f"{path}/?q=oncor")
            _page(admin, f"{path}/")

        assert len(queries) <= 16


def _series_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"code": f"C{n}", "label": "x", "unit": "kwh", "rate_usd": "0.01", "from": "2026-01-01"}
        for n in range(count)
    ]


class TestListPages:
    def test_do_not_ask_for_each_row(self, admin: Client, book: None, tmp_path: Path) -> None:
        counts = []
        for rows in (5, 30):
            tariff = tariff_document(tdsp="TNMP")
            tariff["tariffs"][0]["rows"] = _series_rows(rows)
            run("import-tariffs", write_yaml(tmp_path / "tnmp.yaml", tariff))
            with CaptureQueriesContext(connections["product"]) as queries:
                _page(admin, "tariffseries/")
                _page(admin, "tariffrow/")
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestLegalDocuments:
    @pytest.fixture
    def brand(self, tmp_path: Path) -> Brand:
        import_brands(tmp_path)
        return Brand.objects.get()

    def _staff(self, role: str) -> Client:
        user = User.objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    def _write(self, client: Client, brand: Brand, **fields: Any) -> Any:
        form = {"brand": brand.pk, "plan": "", "kind": "tos", "language": "en", "version": "1"}
        return client.post(
            "/admin/product/legaldocument/add/", {**form, "text": "# Terms\r\none\r\n", **fields}
        )

    def test_are_written_version_by_version_by_product_staff(self, brand: Brand) -> None:
        staff = self._staff("product")

        assert self._write(staff, brand).status_code == 302
        first = LegalDocument.objects.get()
        page = _page(staff, f"legaldocument/add/?from={first.pk}")
        assert self._write(staff, brand, version="2", text="# Terms\ntwo").status_code == 302

        assert "# Terms one</textarea>" in page
        assert "next version" in _page(staff, f"legaldocument/{first.pk}/change/").lower()
        rows = LegalDocument.objects.order_by("pk").values_list("version", "text")
        assert list(rows) == [("1", "# Terms\none"), ("2", "# Terms\ntwo")]
        pdf = staff.get(f"/admin/product/legaldocument/{first.pk}/pdf")
        assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"text": "# Terms\nother"}, "given out with another content"),
            ({"text": "no title", "version": "2"}, "the first line is"),
            ({"text": " ", "version": "2"}, "Give the text or a PDF"),
        ],
    )
    def test_are_refused_beside_what_was_typed(
        self, brand: Brand, fields: dict[str, str], reason: str
    ) -> None:
        staff = self._staff("product")
        self._write(staff, brand)

        answer = self._write(staff, brand, **fields)

        assert reason in answer.content.decode()
        assert fields["text"] in answer.content.decode()
        assert LegalDocument.objects.count() == 1

    def test_are_not_written_by_others(self, brand: Brand) -> None:
        assert self._write(self._staff("csr"), brand).status_code == 403
        assert LegalDocument.objects.count() == 0

    def test_take_a_pdf(self, brand: Brand) -> None:
        file = SimpleUploadedFile("terms.pdf", b"%PDF-1.7 x")

        assert self._write(self._staff("product"), brand, text="", file=file).status_code == 302

        assert bytes(LegalDocument.objects.get().content) == b"%PDF-1.7 x"

    def test_are_listed_without_a_query_for_each(self, admin: Client, brand: Brand) -> None:
        counts = []
        for many in (range(1), range(1, 8)):
            for number in many:
                self._write(admin, brand, version=str(number))
            with CaptureQueriesContext(connections["product"]) as queries:
                _page(admin, "legaldocument/")
            counts.append(len(queries))

        assert counts[0] == counts[1]
