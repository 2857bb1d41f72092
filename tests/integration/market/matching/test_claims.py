"""Matched invoices are recomputed from the tariff, and differences claimed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from ossrep.infra.services import standing_in
from ossrep.market.models import InvoiceAudit, TdspClaim, WorkItem
from ossrep.market.usecases.matching.auditing import (
    AuditReport,
    ClaimNotOpen,
    audit_invoices,
    settle_claim,
)
from ossrep.published.product import ProductService
from tests.factories.market_mail import NOW
from tests.factories.market_matching import Post, invoice_set, usage_set
from tests.fakes.product import FakeProductService

pytestmark = pytest.mark.django_db(databases="__all__")

SINCE = dt.date(2025, 12, 1)
# 695 kWh and 10 kW of the factories' usage.
RIGHT = (("BAS001", "9.25"), ("DIS001", "44.97"), ("MSC041", "0.24"))


@pytest.fixture(autouse=True)
def tariff() -> Iterator[FakeProductService]:
    """Oncor's class D0: a charge by the month, one by the kW and one by the kWh."""
    products = FakeProductService()
    rows = [
        {"code": code, "label": code, "unit": unit, "rate_usd": rate, "from": SINCE, "to": None}
        for code, unit, rate in (
            ("BAS001", "month", "9.25"),
            ("DIS001", "kw", "4.49733"),
            ("MSC041", "kwh", "0.000348"),
        )
    ]
    products.add_tariff(tdsp="ONCOR_ELEC", rate_class="secondary_above_10kw", rows=rows)
    with standing_in(ProductService, products):
        yield products


class TestAuditInvoices:
    def test_an_invoice_by_the_tariff_agrees(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(charges=RIGHT))
        assert audit_invoices(as_of=NOW) == AuditReport(1, 0, 0)
        assert TdspClaim.objects.count() == 0

    def test_a_difference_is_claimed_with_the_text_to_send(self, post: Post) -> None:
        charges = [("BAS001", "9.25"), ("DIS001", "54.97"), ("MSC041", "0.24")]
        post.bring(usage_set(), invoice_set(charges=charges))
        assert audit_invoices(as_of=NOW) == AuditReport(0, 1, 0)
        claim = TdspClaim.objects.get()
        assert str(claim.difference_usd) == "10.00"
        assert claim.lines == [{"code": "DIS001", "billed_usd": "54.97", "expected_usd": "44.97"}]
        item = WorkItem.objects.get(kind="tdsp_claim")
        assert "DIS001: billed 54.97, by the tariff 44.97" in item.text_to_send

    def test_is_done_once(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(charges=RIGHT))
        audit_invoices(as_of=NOW)
        assert audit_invoices(as_of=NOW) == AuditReport(0, 0, 0)

    def test_without_usage_there_is_nothing_to_compare(self, post: Post) -> None:
        post.bring(invoice_set(charges=RIGHT))
        assert audit_invoices(as_of=NOW) == AuditReport(0, 0, 0)

    def test_without_a_tariff_it_says_so(self, post: Post) -> None:
        with standing_in(ProductService, FakeProductService()):
            post.bring(usage_set(), invoice_set(charges=RIGHT))
            assert audit_invoices(as_of=NOW) == AuditReport(0, 0, 1)
        assert "no tariff of ONCOR_ELEC" in InvoiceAudit.objects.get().reason


class TestSettleClaim:
    def test_closes_the_claim_and_its_work_item(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        audit_invoices(as_of=NOW)
        settle_claim(
            invoice_reference="I1", granted=True, resolution="I2 CANCELS IT", by="ann", now=NOW
        )
        assert TdspClaim.objects.get().state == "granted"
        assert WorkItem.objects.get(kind="tdsp_claim").state == "resolved"

    def test_needs_an_open_claim(self) -> None:
        with pytest.raises(ClaimNotOpen):
            settle_claim(invoice_reference="I1", granted=True, resolution="x", by="ann", now=NOW)
