"""Handlers of the 867_03 and the 810_02 (``usecases/receiving.HANDLERS``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.domain.matching import Document, find_twin, judge_documents
from ossrep.market.edi.errors import Fault
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_invoice
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument
from ossrep.market.usecases.matching.asking import ask_about_faults
from ossrep.market.usecases.matching.deciding import find_refusal
from ossrep.market.usecases.matching.documents import (
    Kept,
    Known,
    document_of,
    invoice_row,
    load_known,
    usage_row,
)
from ossrep.market.usecases.matching.settling import settle_periods
from ossrep.market.usecases.receiving import Outcome, Received

WAITS = "waits_for_document"
DUPLICATE = "ABN"
SECOND_CANCEL = "PCO"


def take_usage(received: Received) -> Outcome:
    """Keeps an 867_03 and settles its period; parked while what it corrects is missing."""
    usage = received.transaction
    assert isinstance(usage, Usage)
    known = load_known(transaction=usage)
    stored = _find_stored(known.usages, received)
    if stored is not None:
        row = UsageDocument.objects.get(pk=stored.document_id)
        return _settle(known, received, row)
    today = received.received_at.astimezone(MARKET_ZONE).date()
    row = usage_row(received=received, tdsp_code=known.tdsp_code, refusal="")
    faults = check_usage(usage, as_of=today)
    return _keep(known, received, row, faults)


def take_invoice(received: Received) -> Outcome:
    """Keeps an 810_02 and settles its period; a standalone one has none and waits for none."""
    invoice = received.transaction
    assert isinstance(invoice, DeliveryInvoice)
    known = load_known(transaction=invoice)
    stored = _find_stored(known.invoices, received)
    if stored is not None:
        row = InvoiceDocument.objects.get(pk=stored.document_id)
        return _settle(known, received, row)
    row = invoice_row(received=received, tdsp_code=known.tdsp_code, refusal="")
    return _keep(known, received, row, check_invoice(invoice))


def _find_stored(kept: Sequence[Kept], received: Received) -> Document | None:
    """The document of this very set, where it was parked before."""
    found = (each.document for each in kept if each.inbound_set_id == received.inbound_set_id)
    return next(found, None)


def _keep(
    known: Known,
    received: Received,
    row: UsageDocument | InvoiceDocument,
    faults: Sequence[Fault],
) -> Outcome:
    others = _documents_like(known, row)
    refusal = _refusal(row, others, faults)
    row.refusal = refusal.code if refusal else ""
    row.save(force_insert=True)
    kept = Kept(row.inbound_set_id, document_of(row))
    if isinstance(row, UsageDocument):
        known = replace(known, usages=[*known.usages, kept])
    else:
        known = replace(known, invoices=[*known.invoices, kept])
    if refusal is not None:
        settle_periods(known=known, esi_id=row.esi_id, fresh=row, now=received.received_at)
        return refusal
    ask_about_faults(row=row, faults=faults, now=received.received_at)
    return _settle(known, received, row)


def _refusal(
    row: UsageDocument | InvoiceDocument, others: Sequence[Document], faults: Sequence[Fault]
) -> Outcome | None:
    """Why the document has no effect, as the outcome with the code of its 824."""
    if any(other.reference == row.reference and not other.is_refused for other in others):
        text = f"{row.reference} came before, with another content"
        return Outcome(state="rejected", code=DUPLICATE, text=text)
    twin = find_twin(document_of(row), others)
    if twin is not None:
        text = f"{row.original_reference} was cancelled by {twin.reference} before"
        return Outcome(state="rejected", code=SECOND_CANCEL, text=text)
    if row.purpose == "cancel":
        return None
    kind = "867_03" if isinstance(row, UsageDocument) else "810_02"
    fault = find_refusal(kind=kind, faults=faults)
    if fault is None:
        return None
    return Outcome(
        state="rejected",
        code=fault.code,
        text=f"{fault.message}; expected {fault.expected}, found {fault.found}",
    )


def _documents_like(known: Known, row: UsageDocument | InvoiceDocument) -> list[Document]:
    is_usage = isinstance(row, UsageDocument)
    return known.usage_documents if is_usage else known.invoice_documents


def _settle(known: Known, received: Received, row: UsageDocument | InvoiceDocument) -> Outcome:
    period = settle_periods(known=known, esi_id=row.esi_id, fresh=row, now=received.received_at)
    waits_for = judge_documents(_documents_like(known, row)).waiting.get(row.pk)
    if waits_for is not None:
        return Outcome(state="parked", code=WAITS, text=f"waits for {waits_for}")
    return Outcome(state="applied", text=_told(row, period))


def _told(row: UsageDocument | InvoiceDocument, period: MatchedPeriod | None) -> str:
    if period is not None:
        return f"{period.state} {period.start_date} to {period.end_date}"
    if isinstance(row, InvoiceDocument) and row.is_standalone:
        return "standalone charges"
    return "has no effect of its own any more" if row.purpose != "cancel" else "cancelled"
