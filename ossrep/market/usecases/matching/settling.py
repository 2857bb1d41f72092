"""A service point's periods after a document more: replaced where they changed, and told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeVar

from ossrep.infra.outbox import append_many
from ossrep.kernel.events import Event
from ossrep.market.domain.matching import (
    EMPTY,
    Document,
    PeriodContent,
    PeriodState,
    match_periods,
)
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument, WorkItem
from ossrep.market.usecases.matching.documents import Known
from ossrep.market.usecases.orders.reads import note_final_usage
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key
from ossrep.published.market import UsageChargesMatched, UsageReceived

HELD = "period_held"

D = TypeVar("D", UsageDocument, InvoiceDocument)


def settle_periods(
    *,
    known: Known,
    esi_id: str,
    fresh: UsageDocument | InvoiceDocument,
    now: dt.datetime,
) -> MatchedPeriod | None:
    """Derives the periods anew and tells what changed; the period of ``fresh``, where it has one.

    In the caller's transaction, with the service point locked (``documents.load_known``).
    """
    rows = {(row.start_date, row.end_date): row for row in known.periods}
    contents = match_periods(usages=known.usage_documents, invoices=known.invoice_documents)
    events: list[Event] = []
    for period in sorted(rows.keys() | contents.keys()):
        row = rows.get(period)
        content = contents.get(period, EMPTY)
        if row is None:
            row = rows[period] = MatchedPeriod(
                tdsp_code=known.tdsp_code,
                esi_id=esi_id,
                start_date=period[0],
                end_date=period[1],
                state=PeriodState.EMPTY,
            )
        events += _replace(row, content, fresh, now)
    append_many(context="market", events=events)
    return next((row for row in rows.values() if _is_of(row, fresh)), None)


def _is_of(row: MatchedPeriod, fresh: UsageDocument | InvoiceDocument) -> bool:
    is_usage = isinstance(fresh, UsageDocument)
    return (row.usage_id if is_usage else row.invoice_id) == fresh.pk


def _replace(
    row: MatchedPeriod,
    content: PeriodContent,
    fresh: UsageDocument | InvoiceDocument,
    now: dt.datetime,
) -> Iterator[Event]:
    """Changes the row to its new content, and yields what others are told of it."""
    usage_id = content.usage.document_id if content.usage else None
    invoice_id = content.invoice.document_id if content.invoice else None
    before = (row.state, row.usage_id, row.invoice_id, row.reason)
    if before == (content.state, usage_id, invoice_id, content.reason):
        return
    if row.state == PeriodState.MATCHED:
        yield _matched_event(row, is_cancelled=True)
    is_new_usage = usage_id is not None and usage_id != row.usage_id
    row.state, row.reason, row.changed_at = content.state, content.reason, now
    row.usage = _document(UsageDocument, row.usage, content.usage, fresh)
    row.invoice = _document(InvoiceDocument, row.invoice, content.invoice, fresh)
    row.save()
    _ask_about(row, before[0], now)
    if is_new_usage and row.usage is not None:
        yield from _tell_usage(row.usage, now)
    if row.state == PeriodState.MATCHED:
        yield _matched_event(row, is_cancelled=False)


def _document(
    model: type[D],
    before: D | None,
    wanted: Document | None,
    fresh: UsageDocument | InvoiceDocument,
) -> D | None:
    """The row of a document, without a query where it is at hand."""
    if wanted is None:
        return None
    if before is not None and before.pk == wanted.document_id:
        return before
    if isinstance(fresh, model) and fresh.pk == wanted.document_id:
        return fresh
    return model.objects.get(pk=wanted.document_id)


def _tell_usage(usage: UsageDocument, now: dt.datetime) -> Iterator[Event]:
    if usage.start_date is None or usage.end_date is None:
        return
    if usage.is_final:
        note_final_usage(
            esi_id=usage.esi_id,
            end_date=usage.end_date,
            reference=usage.reference,
            original_reference=usage.order_reference,
            tdsp_code=usage.tdsp_code,
            inbound_set_id=usage.inbound_set_id,
            now=now,
        )
    if usage.import_kwh is None:
        open_work_item(
            kind="usage_without_energy",
            key=f"set {usage.inbound_set_id}",
            title=f"Usage {usage.reference} of {usage.esi_id} has no kWh",
            text="The 867_03 names no energy that our tables know: look at its loops and units.",
            esi_id=usage.esi_id,
            tdsp_code=usage.tdsp_code,
            inbound_set_id=usage.inbound_set_id,
            reference=usage.reference,
            now=now,
        )
        return
    yield UsageReceived(
        esi_id=usage.esi_id,
        start_date=usage.start_date,
        end_date=usage.end_date,
        import_kwh=_plain(usage.import_kwh),
        export_kwh=_plain(usage.export_kwh or Decimal()),
        peak_kw=None if usage.peak_kw is None else _plain(usage.peak_kw),
        is_estimated=usage.is_estimated,
        is_final=usage.is_final,
        source_reference=usage.reference,
        received_at=usage.received_at,
    )


def _plain(value: Decimal) -> str:
    """Without the zeros that the database adds."""
    return f"{value.normalize():f}"


def _matched_event(row: MatchedPeriod, *, is_cancelled: bool) -> UsageChargesMatched:
    assert row.usage is not None
    assert row.invoice is not None
    return UsageChargesMatched(
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        start_date=row.start_date,
        end_date=row.end_date,
        usage_reference=row.usage.reference,
        invoice_reference=row.invoice.reference,
        total_usd=f"{row.invoice.total_usd:f}",
        is_final=row.usage.is_final or row.invoice.is_final,
        is_cancelled=is_cancelled,
    )


def _ask_about(row: MatchedPeriod, state_before: str, now: dt.datetime) -> None:
    """A held period asks a person; one that is held no more takes the question back."""
    key = f"period {row.pk}"
    if row.state == PeriodState.HELD:
        invoice: InvoiceDocument | None = row.invoice
        open_work_item(
            kind=HELD,
            key=f"{key} {_content_key(row)}",
            title=f"Usage and invoice of {row.esi_id} for {row.start_date} contradict each other",
            text=f"{row.reason}. Ask the TDSP which one counts (MarkeTrak, Billing and Usage).",
            send_via="MarkeTrak",
            esi_id=row.esi_id,
            tdsp_code=row.tdsp_code,
            inbound_set_id=invoice.inbound_set_id if invoice else None,
            reference=invoice.reference if invoice else "",
            money_at_risk_usd=invoice.total_usd if invoice else None,
            now=now,
        )
    elif state_before == PeriodState.HELD:
        _take_back(key, row, now)


def _content_key(row: MatchedPeriod) -> str:
    return f"{row.usage_id or 0}/{row.invoice_id or 0}"


def _take_back(key: str, row: MatchedPeriod, now: dt.datetime) -> None:
    asked = WorkItem.objects.filter(kind=HELD, key__startswith=f"{key} ", state="open")
    for each in asked.values_list("key", flat=True):
        resolve_by_key(kind=HELD, key=each, resolution=f"the period is {row.state}", now=now)
