"""Rows of the pipe format to invoices and back: a row is a charge with all that stands above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from ossrep.market.edi.flat.layouts import PipeLayout, code_of, word_of
from ossrep.market.edi.flat.model import Row, cannot_write, decimal_text, slashed_date
from ossrep.market.edi.flat.shared import merge_head, party, refuse_fields
from ossrep.market.edi.texas_set.invoice import (
    Charge,
    DeliveryInvoice,
    InvoiceItem,
    SubLine,
    Tax,
)
from ossrep.market.edi.texas_set.model import Moment

_HEAD: Final = [
    "purpose",
    "report_type",
    "date",
    "retailer_duns",
    "retailer_name",
    "tdsp_duns",
    "tdsp_name",
    "esi_id",
    "original_reference",
    "usage_reference",
    "due_date",
    "total",
]


def read_invoice(rows: Sequence[Row], layout: PipeLayout) -> DeliveryInvoice:
    """One invoice: rows of the same number. Neighbours of one item and sub-line share them."""
    head = merge_head(rows, _HEAD)
    items = tuple(_read_items(rows, layout))
    return DeliveryInvoice(
        reference=head.needed_text("reference"),
        date=head.needed_date("date"),
        original_reference=head.text("original_reference"),
        esi_id=head.text("esi_id"),
        tdsp=party(head, "tdsp"),
        retailer=party(head, "retailer"),
        type=code_of(layout.report_types, head.text("report_type")),
        purpose=code_of(layout.purposes, head.text("purpose")),
        usage_reference=head.text("usage_reference"),
        due_date=head.date("due_date"),
        items=items,
        total=head.needed_decimal("total"),
        line_count=len(items),
    )


def _read_items(rows: Sequence[Row], layout: PipeLayout) -> Iterator[InvoiceItem]:
    def frame(row: Row) -> InvoiceItem:
        return InvoiceItem(
            line=row.text("line"),
            service_qualifier=layout.item["service_qualifier"],
            service=layout.item["service"],
            level_qualifier=layout.item["level_qualifier"],
            level=row.text("level"),
            rate_class=row.text("rate_class"),
            rate_subclass=row.text("rate_subclass"),
            start=row.moment("start"),
            end=row.moment("end_date"),
        )

    for item, of_item in groupby(rows, frame):
        sub_lines = [
            replace(
                sub_line,
                number=str(number),
                charges=tuple(_read_charges(list(of_sub_line), layout)),
            )
            for number, (sub_line, of_sub_line) in enumerate(groupby(of_item, _sub_line), start=1)
        ]
        yield replace(item, sub_lines=tuple(sub_lines))


def _sub_line(row: Row) -> SubLine:
    return SubLine(
        relationship=row.text("relationship"),
        completed_on=row.date("completed_on"),
        unmetered_range=row.text("unmetered_range"),
        late_invoice=row.text("late_invoice"),
        service_order=row.text("service_order"),
    )


def _read_charges(rows: Sequence[Row], layout: PipeLayout) -> Iterator[Charge]:
    for row in rows:
        has_tax = row.text("tax_type") or row.text("tax_amount") or row.text("tax_relationship")
        tax = (
            Tax(
                type=row.text("tax_type"),
                amount=row.needed_decimal("tax_amount"),
                relationship=row.text("tax_relationship"),
            )
            if has_tax
            else None
        )
        yield Charge(
            indicator=row.needed_text("indicator"),
            agency=layout.item["agency"],
            code=row.needed_text("code"),
            amount=row.needed_decimal("amount"),
            rate=row.decimal("rate"),
            unit=row.text("unit"),
            quantity=row.decimal("quantity"),
            registered_quantity=row.decimal("registered_quantity"),
            text=row.text("text"),
            taxes=(tax,) if tax else (),
        )


def write_invoice(invoice: DeliveryInvoice, layout: PipeLayout) -> list[dict[str, str]]:
    """The rows of one invoice, as field names to texts."""
    if invoice.line_count not in (None, len(invoice.items)):
        raise cannot_write("pipe", f"a line count of {invoice.line_count}")
    head = {
        **layout.constants,
        "set": layout.set_code,
        "kind": invoice.kind,
        "purpose": word_of(layout.purposes, invoice.purpose),
        "report_type": word_of(layout.report_types, invoice.type),
        "reference": invoice.reference,
        "date": slashed_date(invoice.date),
        "esi_id": invoice.esi_id,
        "original_reference": invoice.original_reference,
        "usage_reference": invoice.usage_reference,
        "due_date": slashed_date(invoice.due_date),
        "total": decimal_text(invoice.total),
    }
    for name, found in (("retailer", invoice.retailer), ("tdsp", invoice.tdsp)):
        if found is not None:
            head |= {f"{name}_name": found.name, f"{name}_duns": found.duns}
    rows = [{**head, **row} for item in invoice.items for row in _write_item(item, layout)]
    if not rows:
        raise cannot_write("pipe", "an invoice without a charge")
    return rows


def _write_item(item: InvoiceItem, layout: PipeLayout) -> Iterator[dict[str, str]]:
    refuse_fields(item, ("charges",), "pipe")
    for name in ("service_qualifier", "service", "level_qualifier"):
        if getattr(item, name) != layout.item[name]:
            raise cannot_write("pipe", f"the {name.replace('_', ' ')} {getattr(item, name)!r}")
    frame = {
        "line": item.line,
        "level": item.level,
        "rate_class": item.rate_class,
        "rate_subclass": item.rate_subclass,
        "start": _date(item.start),
        "end_date": _date(item.end),
    }
    for number, sub_line in enumerate(item.sub_lines, start=1):
        if sub_line.number != str(number) or not sub_line.charges:
            raise cannot_write("pipe", f"sub-line {sub_line.number!r} as number {number}")
        above = {
            **frame,
            "relationship": sub_line.relationship,
            "completed_on": slashed_date(sub_line.completed_on),
            "unmetered_range": sub_line.unmetered_range,
            "late_invoice": sub_line.late_invoice,
            "service_order": sub_line.service_order,
        }
        yield from ({**above, **_write_charge(charge, layout)} for charge in sub_line.charges)


def _date(value: Moment | None) -> str:
    if value is not None and value.time is not None:
        raise cannot_write("pipe", "a time of day in an invoice")
    return slashed_date(value.date if value else None)


def _write_charge(charge: Charge, layout: PipeLayout) -> dict[str, str]:
    if len(charge.taxes) > 1 or charge.agency != layout.item["agency"]:
        raise cannot_write("pipe", "a charge with several taxes or of another agency")
    texts = {
        "indicator": charge.indicator,
        "code": charge.code,
        "amount": decimal_text(charge.amount),
        "rate": decimal_text(charge.rate),
        "unit": charge.unit,
        "quantity": decimal_text(charge.quantity),
        "registered_quantity": decimal_text(charge.registered_quantity),
        "text": charge.text,
    }
    for tax in charge.taxes:
        texts |= {
            "tax_type": tax.type,
            "tax_amount": decimal_text(tax.amount),
            "tax_relationship": tax.relationship,
        }
    return texts
