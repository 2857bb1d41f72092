"""Handlers of the 867_03 and the 810_02 (``usecases/receiving.HANDLERS``), many sets at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.domain.matching import Document, find_twins, judge_documents
from ossrep.market.domain.matching_rules import longest_usage
from ossrep.market.edi.errors import Fault
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_invoice
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.models import InvoiceDocument, UsageDocument
from ossrep.market.queries.advices import was_refused_after_taking
from ossrep.market.usecases.matching.deciding import find_refusal
from ossrep.market.usecases.matching.documents import invoice_row, usage_row
from ossrep.market.usecases.matching.keeping import Brought, Row, keep, take_ids
from ossrep.market.usecases.matching.known import Kept, Point, document_of, load_points
from ossrep.market.usecases.matching.settling import period_of, settle_point
from ossrep.market.usecases.receiving import (
    WAITS_FOR_DOCUMENT,
    Outcome,
    Received,
    TogetherHandler,
)

DUPLICATE = "ABN"
SECOND_CANCEL = "PCO"

Check = Callable[[Received], Sequence[Fault]]


def _take_usages(batch: Sequence[Received]) -> list[Outcome]:
    """Keeps 867_03s and settles their periods; parked while what one corrects is missing."""
    return _Batch(UsageDocument, usage_row, _check_usage).take(batch)


def _take_invoices(batch: Sequence[Received]) -> list[Outcome]:
    """Keeps 810_02s and settles their periods; a standalone one has none and waits for none."""
    return _Batch(InvoiceDocument, invoice_row, _check_invoice).take(batch)


take_usage = TogetherHandler(_take_usages)
take_invoice = TogetherHandler(_take_invoices)


def _check_usage(received: Received) -> Sequence[Fault]:
    usage = received.transaction
    assert isinstance(usage, Usage)
    today = received.received_at.astimezone(MARKET_ZONE).date()
    return check_usage(usage, as_of=today)


def _check_invoice(received: Received) -> Sequence[Fault]:
    invoice = received.transaction
    assert isinstance(invoice, DeliveryInvoice)
    return check_invoice(invoice)


class _Batch:
    """Documents of one kind, decided one after the other in memory and written together."""

    def __init__(self, model: type[Row], make_row: Callable[..., Row], check: Check) -> None:
        self._model = model
        self._is_usage = model is UsageDocument
        self._make_row = make_row
        self._check = check
        self._brought = Brought()

    def take(self, batch: Sequence[Received]) -> list[Outcome]:
        """The outcome of each; all rows, periods and events are written when it returns."""
        points = load_points(transactions=[received.transaction for received in batch])
        ids = take_ids(model=self._model, count=len(batch))
        outcomes = [
            self._take(points.of(received.transaction), received, document_id)
            for received, document_id in zip(batch, ids, strict=True)
        ]
        keep(brought=self._brought)
        return outcomes

    def _take(self, point: Point, received: Received, document_id: int) -> Outcome:
        kept = point.usages if self._is_usage else point.invoices
        stored = _find_stored(kept, received)
        if stored is not None:
            return self._settle(point, stored, received.received_at)
        row = self._make_row(received=received, tdsp_code=point.tdsp_code, refusal="")
        row.pk = document_id
        faults = self._check(received)
        refusal = _refusal(row, [each.document for each in kept], faults)
        row.refusal = refusal.code if refusal else ""
        document = document_of(row)
        kept.append(Kept(row.inbound_set_id, document))
        self._brought.rows.append(row)
        if refusal is None:
            # A cancel repeats what it cancels: that this did not add up is no news.
            told = () if row.purpose == "cancel" else faults
            self._brought.doubts.append((row, told))
        outcome = self._settle(point, document, received.received_at)
        return refusal or outcome

    def _settle(self, point: Point, document: Document, now: dt.datetime) -> Outcome:
        self._brought.changes += settle_point(point=point, now=now)
        documents = point.usage_documents if self._is_usage else point.invoice_documents
        waits_for = judge_documents(documents).waiting.get(document.document_id)
        if waits_for is not None:
            return Outcome(state="parked", code=WAITS_FOR_DOCUMENT, text=f"waits for {waits_for}")
        period = period_of(point=point, document=document, is_usage=self._is_usage)
        if period is not None:
            text = f"{period.state} {period.start_date} to {period.end_date}"
        elif document.is_standalone:
            text = "standalone charges"
        elif document.purpose != "cancel":
            text = "has no effect of its own any more"
        else:
            text = "cancelled"
        return Outcome(state="applied", text=text)


def _find_stored(kept: Sequence[Kept], received: Received) -> Document | None:
    """The document of this very set, where it was parked before."""
    found = (each.document for each in kept if each.inbound_set_id == received.inbound_set_id)
    return next(found, None)


def _refusal(row: Row, others: Sequence[Document], faults: Sequence[Fault]) -> Outcome | None:
    """Why the document has no effect, as the outcome with the code of its 824."""
    if any(other.reference == row.reference and not other.is_refused for other in others):
        text = f"{row.reference} came before, with another content"
        return Outcome(state="rejected", code=DUPLICATE, text=text)
    for twin in find_twins(document_of(row), others):
        if was_refused_after_taking(reference=twin.reference, esi_id=row.esi_id):
            continue  # We have refused that cancel: to the market it is none (RMG 9 D2).
        text = f"{row.original_reference} was cancelled by {twin.reference} before"
        return Outcome(state="rejected", code=SECOND_CANCEL, text=text)
    if row.purpose == "cancel":
        return None
    if isinstance(row, UsageDocument) and (too_long := _too_long(row)) is not None:
        return too_long
    kind = "867_03" if isinstance(row, UsageDocument) else "810_02"
    fault = find_refusal(kind=kind, faults=faults)
    if fault is None:
        return None
    return Outcome(
        state="rejected",
        code=fault.code,
        text=f"{fault.message}; expected {fault.expected}, found {fault.found}",
    )


def _too_long(row: UsageDocument) -> Outcome | None:
    if row.start_date is None or row.end_date is None:
        return None
    days = (row.end_date - row.start_date).days
    days_max, code = longest_usage()
    if days <= days_max:
        return None
    text = f"the period has {days} days; expected at most {days_max}"
    return Outcome(state="rejected", code=code, text=text)
