"""What must hold of usage, invoices, payments and groups; each rule shown to bite."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.infra.invariants import verify
from ossrep.infra.outbox import append
from ossrep.market.db import transaction
from ossrep.market.models import (
    InvoiceDocument,
    MatchedPeriod,
    OpenInvoice,
    OutboundGroup,
    OutboundMessage,
    TdspPayment,
    UsageDocument,
    WorkItem,
)
from ossrep.market.usecases.interchange.outbound import take_reference
from ossrep.market.usecases.interchange.sending import send
from ossrep.market.usecases.matching.paying import prepare_payment
from ossrep.published.market import UsageReceived
from tests.factories.market_mail import NOW
from tests.factories.market_matching import END, ESI_ID, START, Post, invoice_set, usage_set

pytestmark = pytest.mark.django_db(databases="__all__")


def broken() -> set[str]:
    return {verdict.name for verdict in verify(contexts=["market"]) if not verdict.holds}


def document(model: type[UsageDocument] | type[InvoiceDocument], **values: object) -> None:
    """A document that no matching has seen."""
    like = model.objects.order_by("pk")[0]
    like.pk, like.inbound_set_id = None, 900_000
    for name, value in values.items():
        setattr(like, name, value)
    like.save(force_insert=True)
    if isinstance(like, InvoiceDocument):
        OpenInvoice.objects.create(invoice=like)


def pay() -> TdspPayment:
    payment_id = prepare_payment(
        tdsp_code="ONCOR_ELEC",
        due_by=dt.date(2026, 3, 26),
        payment_date=dt.date(2026, 3, 26),
        prepared_by="ann",
        now=NOW,
    )
    return TdspPayment.objects.get(pk=payment_id)


class TestInvariantsOfMatching:
    def test_hold_after_documents_corrections_and_a_payment(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        post.bring(usage_set(reference="U3", purpose="05", corrects="U1", kwh="700"))
        pay()

        assert broken() == set()

    @pytest.mark.parametrize("model", [UsageDocument, InvoiceDocument])
    def test_see_a_cancelled_document_that_counts(
        self, post: Post, model: type[UsageDocument] | type[InvoiceDocument]
    ) -> None:
        post.bring(usage_set(), invoice_set())
        first = "U1" if model is UsageDocument else "I1"

        document(model, reference="X9", purpose="cancel", original_reference=first)

        assert broken() == {"live_documents_count"}

    def test_see_a_document_that_no_period_holds(self, post: Post) -> None:
        post.bring(usage_set())
        MatchedPeriod.objects.update(state="empty", usage=None)

        assert broken() == {"documents_are_in_their_period"}

    def test_see_an_unpaid_invoice_that_nobody_looks_for(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        OpenInvoice.objects.all().delete()

        assert broken() == {"unpaid_invoices_are_queued"}

    def test_see_a_paid_invoice_that_is_still_looked_for(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        pay()
        assert not OpenInvoice.objects.exists()

        OpenInvoice.objects.create(invoice=InvoiceDocument.objects.get())

        assert broken() == {"unpaid_invoices_are_queued"}

    def test_see_a_remittance_of_another_amount(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        pay()
        message = OutboundMessage.objects.get(kind="820_02")
        message.pk, message.reference = None, take_reference(prefix="PAY")
        message.segments = [
            [*s[:2], "1.00", *s[3:]] if s[0] == "BPR" else s for s in message.segments
        ]
        message.save(force_insert=True)

        TdspPayment.objects.update(outbound_message_id=message.pk)

        assert "remittances_sum_to_their_lines" in broken()

    def test_see_a_refused_group_that_nobody_was_asked_about(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        pay()
        list(send(now=NOW))
        assert broken() == set()

        groups = OutboundGroup.objects.exclude(functional_id="FA")
        groups.update(acknowledgment="R", acknowledged_at=NOW)

        assert broken() == {"groups_are_acknowledged_or_asked_about"}

    def test_see_a_silent_group_without_its_question(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        pay()
        list(send(now=NOW))
        OutboundGroup.objects.exclude(functional_id="FA").update(escalated_at=NOW)

        assert not WorkItem.objects.filter(kind="not_acknowledged").exists()
        assert broken() == {"groups_are_acknowledged_or_asked_about"}

    def test_see_usage_that_was_told_without_a_document(self) -> None:
        event = UsageReceived(
            esi_id=ESI_ID,
            start_date=START,
            end_date=END,
            import_kwh="1",
            export_kwh="0",
            peak_kw=None,
            is_estimated=False,
            is_final=False,
            source_reference="NOWHERE",
            received_at=NOW,
        )

        with transaction():
            append(context="market", event=event)

        assert broken() == {"told_usage_is_kept"}
