"""An 867_03 or 810_02 as the row that keeps it, and the rows known of a service point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.market.db import ALIAS, connection
from ossrep.market.domain.matching import Document, Period
from ossrep.market.edi.texas_set.invoice import Charge, DeliveryInvoice, InvoiceItem, SubLine
from ossrep.market.edi.texas_set.invoice_codes import (
    find_charge_code,
    invoice_purpose_name,
    is_final_invoice,
    is_passed_on,
    is_standalone,
    signed_amount,
)
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_codes import purpose_name
from ossrep.market.edi.texas_set.usage_totals import total_usage
from ossrep.market.models import InvoiceDocument, MatchedPeriod, UsageDocument
from ossrep.market.usecases.receiving import Received

# The lock lets one receiver at a time look at the documents of a service point; the statements
# after it see what was committed before it. Each is sent by itself: what stands in front of a
# statement (the history of who did what, say) would shift the results of several in one.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 867))"
_CODE = "SELECT code FROM tdsp WHERE duns = %s AND duns <> ''"
_DOCUMENTS = """
    SELECT true, id, tdsp_code, inbound_set_id, reference, purpose, original_reference,
           document_date, start_date, end_date, '' AS usage_reference, false, refusal
    FROM usage_document WHERE esi_id = %(esi_id)s
    UNION ALL
    SELECT false, id, tdsp_code, inbound_set_id, reference, purpose, original_reference,
           document_date, start_date, end_date, usage_reference, is_standalone, refusal
    FROM invoice_document WHERE esi_id = %(esi_id)s
"""
_PERIODS = """
    SELECT id, tdsp_code, esi_id, start_date, end_date, state, reason, usage_id, invoice_id,
           changed_at
    FROM matched_period WHERE esi_id = %(esi_id)s
"""
_PERIOD_FIELDS = (
    *("id", "tdsp_code", "esi_id", "start_date", "end_date", "state", "reason"),
    *("usage_id", "invoice_id", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored document with the set that it came in."""

    inbound_set_id: int
    document: Document


@dataclass(frozen=True, slots=True)
class Known:
    """The documents of one service point and TDSP, and the periods as derived from them so far."""

    tdsp_code: str
    usages: Sequence[Kept]
    invoices: Sequence[Kept]
    periods: Sequence[MatchedPeriod]

    @property
    def usage_documents(self) -> list[Document]:
        """The 867_03s, without their sets."""
        return [kept.document for kept in self.usages]

    @property
    def invoice_documents(self) -> list[Document]:
        """The 810_02s, without their sets."""
        return [kept.document for kept in self.invoices]


def load_known(*, transaction: Transaction) -> Known:
    """What is known of the transaction's service point, which stays locked until the commit.

    The TDSP's code is its DUNS number where no TDSP of ours has that.
    """
    duns = transaction.tdsp.duns if transaction.tdsp else ""
    values = {"esi_id": transaction.esi_id}
    with connection().cursor() as cursor:
        cursor.execute(_LOCK, [transaction.esi_id])
        cursor.execute(_CODE, [duns])
        found = cursor.fetchone()
        tdsp_code = found[0] if found else duns
        cursor.execute(_DOCUMENTS, values)
        rows = [row for row in cursor.fetchall() if row[2] == tdsp_code]
        cursor.execute(_PERIODS, values)
        periods = [row for row in cursor.fetchall() if row[1] == tdsp_code]
    return Known(
        tdsp_code=tdsp_code,
        usages=[_kept(row) for row in rows if row[0]],
        invoices=[_kept(row) for row in rows if not row[0]],
        periods=[MatchedPeriod.from_db(ALIAS, _PERIOD_FIELDS, row) for row in periods],
    )


def _kept(row: tuple[Any, ...]) -> Kept:
    _, document_id, _, set_id, reference, purpose, original, date, start, end, *rest = row
    usage_reference, standalone, refusal = rest
    document = Document(
        document_id=document_id,
        reference=reference,
        purpose=purpose,
        original_reference=original,
        date=date,
        period=_period(start, end),
        usage_reference=usage_reference,
        is_standalone=standalone,
        is_refused=bool(refusal),
    )
    return Kept(set_id, document)


def _period(start: dt.date | None, end: dt.date | None) -> Period | None:
    return (start, end) if start and end and start <= end else None


def document_of(row: UsageDocument | InvoiceDocument) -> Document:
    """A saved row as matching sees it."""
    invoice = row if isinstance(row, InvoiceDocument) else None
    return Document(
        document_id=row.pk,
        reference=row.reference,
        purpose=row.purpose,
        original_reference=row.original_reference,
        date=row.document_date,
        period=_period(row.start_date, row.end_date),
        usage_reference=invoice.usage_reference if invoice else "",
        is_standalone=invoice.is_standalone if invoice else False,
        is_refused=bool(row.refusal),
    )


def usage_row(*, received: Received, tdsp_code: str, refusal: str) -> UsageDocument:
    """The unsaved row of an 867_03."""
    usage = received.transaction
    assert isinstance(usage, Usage)
    totals = total_usage(usage)
    return UsageDocument(
        inbound_set_id=received.inbound_set_id,
        tdsp_code=tdsp_code,
        esi_id=usage.esi_id,
        reference=usage.reference,
        purpose=purpose_name(usage.purpose)[:10],
        original_reference=usage.original_reference,
        order_reference=usage.order_reference,
        document_date=usage.date,
        start_date=totals.start,
        end_date=totals.end,
        import_kwh=totals.import_kwh,
        export_kwh=totals.export_kwh,
        peak_kw=totals.peak_kw,
        demands={unit: str(value) for unit, value in totals.demands},
        is_estimated=totals.is_estimated,
        is_final=totals.is_final,
        refusal=refusal,
        received_at=received.received_at,
    )


def invoice_row(*, received: Received, tdsp_code: str, refusal: str) -> InvoiceDocument:
    """The unsaved row of an 810_02."""
    invoice = received.transaction
    assert isinstance(invoice, DeliveryInvoice)
    start, end = _service_dates(invoice)
    return InvoiceDocument(
        inbound_set_id=received.inbound_set_id,
        tdsp_code=tdsp_code,
        esi_id=invoice.esi_id,
        reference=invoice.reference,
        purpose=invoice_purpose_name(invoice.purpose)[:10],
        original_reference=invoice.original_reference,
        usage_reference=invoice.usage_reference,
        type=invoice.type,
        is_standalone=is_standalone(invoice),
        is_final=is_final_invoice(invoice),
        document_date=invoice.date,
        start_date=start,
        end_date=end,
        due_date=invoice.due_date,
        rate_class=next((item.rate_class for item in invoice.items if item.rate_class), ""),
        total_usd=invoice.total,
        lines=[_line(item, sub, charge) for item, sub, charge in invoice.lines()],
        refusal=refusal,
        received_at=received.received_at,
    )


def _service_dates(invoice: DeliveryInvoice) -> Period | tuple[None, None]:
    """Of the items that the customer pays, where there are any with dates."""
    dated = list(_dated(invoice))
    chosen = [dates for level, *dates in dated if is_passed_on(str(level))] or [
        dates for _, *dates in dated
    ]
    if not chosen:
        return None, None
    return min(start for start, _ in chosen), max(end for _, end in chosen)


def _dated(invoice: DeliveryInvoice) -> Iterator[tuple[Any, ...]]:
    for item in invoice.items:
        if item.start and item.end:
            yield item.level, item.start.date, item.end.date


def _line(item: InvoiceItem, sub_line: SubLine, charge: Charge) -> Mapping[str, Any]:
    """``amount_usd`` has its sign and its taxes; amounts, rates and quantities are text."""
    amount = signed_amount(charge)
    known = find_charge_code(charge.code)
    is_between_companies = known is not None and known.is_between_companies
    return {
        "code": charge.code,
        "label": charge.text or (known.name if known else charge.code),
        "amount_usd": str(charge.amount if amount is None else amount),
        "rate": _text(charge.rate),
        "unit": charge.unit,
        "quantity": _text(charge.quantity),
        "registered_quantity": _text(charge.registered_quantity),
        "level": item.level,
        "is_passed_on": is_passed_on(item.level) and not is_between_companies,
        "is_known_code": known is not None,
        "late_invoice": sub_line.late_invoice,
        "service_order": sub_line.service_order,
        "completed_on": sub_line.completed_on.isoformat() if sub_line.completed_on else "",
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
