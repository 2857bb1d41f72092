"""What others and the operators are told when periods changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.kernel.events import Event
from ossrep.market.domain.matching import PeriodState
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument, WorkItem
from ossrep.market.usecases.matching.comparing import compare_pair, forget_pair
from ossrep.market.usecases.matching.settling import Change, Content
from ossrep.market.usecases.orders.reads import note_final_usage, withdraw_final_usage
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key
from ossrep.published.market import UsageCancelled, UsageChargesMatched, UsageReceived

HELD = "period_held"


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents that the changes name, by id."""

    usages: Mapping[int, UsageDocument]
    invoices: Mapping[int, InvoiceDocument]


def load_documents(*, changes: Sequence[Change], fresh: Documents) -> Documents:
    """All that the changes name; two queries at most, none for what is ``fresh``."""
    contents = [content for change in changes for content in (change.before, change.after)]
    usages = {each.usage_id for each in contents if each.usage_id} - fresh.usages.keys()
    invoices = {each.invoice_id for each in contents if each.invoice_id} - fresh.invoices.keys()
    return Documents(
        {**fresh.usages, **(UsageDocument.objects.in_bulk(list(usages)) if usages else {})},
        {**fresh.invoices, **(InvoiceDocument.objects.in_bulk(list(invoices)) if invoices else {})},
    )


def tell_changes(*, changes: Sequence[Change], documents: Documents) -> Iterator[Event]:
    """Opens and closes work items of changed periods, and yields the events in order.

    In the caller's transaction, with periods and documents written.
    """
    for change in changes:
        if change.before.state == PeriodState.MATCHED:
            yield _matched_event(change.row, change.before, documents, is_cancelled=True)
        _ask_about(change, documents)
        _compare(change, documents)
        usage_id, former_id = change.after.usage_id, change.before.usage_id
        if former_id is not None and former_id != usage_id:
            yield from _tell_cancelled(documents.usages[former_id], change.at)
        if usage_id is not None and usage_id != former_id:
            yield from _tell_usage(documents.usages[usage_id], change.at)
        if change.after.state == PeriodState.MATCHED:
            yield _matched_event(change.row, change.after, documents, is_cancelled=False)


def _tell_cancelled(usage: UsageDocument, now: dt.datetime) -> Iterator[Event]:
    if usage.start_date is None or usage.end_date is None:
        return
    if usage.is_final:
        withdraw_final_usage(
            esi_id=usage.esi_id,
            end_date=usage.end_date,
            reference=usage.reference,
            tdsp_code=usage.tdsp_code,
            inbound_set_id=usage.inbound_set_id,
            now=now,
        )
    if usage.import_kwh is not None:
        yield UsageCancelled(
            esi_id=usage.esi_id,
            start_date=usage.start_date,
            end_date=usage.end_date,
            source_reference=usage.reference,
            cancelled_at=now,
        )


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


def _matched_event(
    row: MatchedPeriod, content: Content, documents: Documents, *, is_cancelled: bool
) -> UsageChargesMatched:
    assert content.usage_id is not None
    assert content.invoice_id is not None
    usage, invoice = documents.usages[content.usage_id], documents.invoices[content.invoice_id]
    return UsageChargesMatched(
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        start_date=row.start_date,
        end_date=row.end_date,
        usage_reference=usage.reference,
        invoice_reference=invoice.reference,
        total_usd=f"{invoice.total_usd:f}",
        is_final=usage.is_final or invoice.is_final,
        is_cancelled=is_cancelled,
    )


def _ask_about(change: Change, documents: Documents) -> None:
    """A held period asks a person; one that is held no more takes the question back."""
    row, after = change.row, change.after
    key = f"period {row.pk}"
    if after.state == PeriodState.HELD:
        invoice = None if after.invoice_id is None else documents.invoices[after.invoice_id]
        open_work_item(
            kind=HELD,
            key=f"{key} {after.usage_id or 0}/{after.invoice_id or 0}",
            title=f"Usage and invoice of {row.esi_id} for {row.start_date} contradict each other",
            text=f"{after.reason}. Ask the TDSP which one counts (MarkeTrak, Billing and Usage); "
            f"the invoice is refused by: market send-824 {invoice.reference if invoice else '...'} "
            "--code DDM --text ...",
            send_via="MarkeTrak",
            esi_id=row.esi_id,
            tdsp_code=row.tdsp_code,
            inbound_set_id=invoice.inbound_set_id if invoice else None,
            reference=invoice.reference if invoice else "",
            money_at_risk_usd=invoice.total_usd if invoice else None,
            now=change.at,
        )
    elif change.before.state == PeriodState.HELD:
        _take_back(key, after.state, change.at)


def _compare(change: Change, documents: Documents) -> None:
    before, after = change.before, change.after
    pair = (after.usage_id, after.invoice_id)
    if before.state == PeriodState.MATCHED and pair != (before.usage_id, before.invoice_id):
        assert before.usage_id is not None
        assert before.invoice_id is not None
        invoice = documents.invoices[before.invoice_id]
        forget_pair(usage_id=before.usage_id, invoice=invoice, now=change.at)
    if after.state == PeriodState.MATCHED:
        assert after.usage_id is not None
        assert after.invoice_id is not None
        compare_pair(
            usage=documents.usages[after.usage_id],
            invoice=documents.invoices[after.invoice_id],
            now=change.at,
        )


def _take_back(key: str, state: str, now: dt.datetime) -> None:
    asked = WorkItem.objects.filter(kind=HELD, key__startswith=f"{key} ", state="open")
    for each in asked.values_list("key", flat=True):
        resolve_by_key(kind=HELD, key=each, resolution=f"the period is {state}", now=now)
