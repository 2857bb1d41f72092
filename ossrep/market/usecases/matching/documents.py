"""An 867_03 or 810_02 as the row that keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ossrep.market.domain.matching import Period
from ossrep.market.edi.texas_set.invoice import Charge, DeliveryInvoice, InvoiceItem, SubLine
from ossrep.market.edi.texas_set.invoice_codes import (
    find_charge_code,
    invoice_purpose_name,
    is_final_invoice,
    is_passed_on,
    is_standalone,
    signed_amount,
)
from ossrep.market.edi.texas_set.usage import Usage
from ossrep.market.edi.texas_set.usage_codes import purpose_name
from ossrep.market.edi.texas_set.usage_totals import total_usage
from ossrep.market.models import InvoiceDocument, UsageDocument
from ossrep.market.usecases.receiving import Received


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
