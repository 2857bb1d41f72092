"""Prism records to invoices and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from ossrep.market.edi.flat.layouts import PrismLayout
from ossrep.market.edi.flat.model import (
    Row,
    cannot_write,
    compact_date,
    compact_moment,
    decimal_text,
)
from ossrep.market.edi.flat.shared import party, refuse_fields
from ossrep.market.edi.texas_set.invoice import Charge, DeliveryInvoice, InvoiceItem, SubLine, Tax

_LAYOUT: Final = "prism"


def read_invoice(rows: Sequence[Row], layout: PrismLayout) -> DeliveryInvoice:
    """One document: SH, 01, its items (10) with charges (40) and taxes (45), and the total (60)."""
    start, head = rows[0], rows[1]
    start.text("reference"), start.text("direction")
    summary = [row for row in rows if row.tag == "60"]
    if len(summary) != 1:
        raise head.wrong("reference", "one 60 record with the total", code="flat_order")
    return DeliveryInvoice(
        reference=head.needed_text("reference"),
        date=head.needed_date("date"),
        original_reference=head.text("original_reference"),
        esi_id=head.text("esi_id"),
        tdsp=party(head, "tdsp"),
        retailer=party(head, "retailer"),
        type=head.text("type"),
        purpose=head.text("purpose"),
        usage_reference=head.text("usage_reference"),
        due_date=head.date("due_date"),
        items=tuple(_read_items(rows[2:], layout)),
        total=summary[0].needed_decimal("total"),
        line_count=summary[0].integer("lines"),
    )


def _read_items(rows: Sequence[Row], layout: PrismLayout) -> Iterator[InvoiceItem]:
    below = [row for row in rows if row.tag != "60"]
    starts = [index for index, row in enumerate(below) if row.tag == "10"]
    if below and (not starts or starts[0]):
        raise below[0].wrong("code", "a 10 record before its charges", code="flat_order")
    for start, end in zip(starts, [*starts[1:], len(below)], strict=True):
        yield _read_item(below[start], below[start + 1 : end], layout)


def _read_item(head: Row, rows: Sequence[Row], layout: PrismLayout) -> InvoiceItem:
    item = layout.item
    service, level = head.text("service"), head.text("level")
    return InvoiceItem(
        line=head.text("line"),
        service_qualifier=item["service_qualifier"] if service else "",
        service=service,
        level_qualifier=item["level_qualifier"] if level else "",
        level=level,
        rate_class=head.text("rate_class"),
        rate_subclass=head.text("rate_subclass"),
        start=head.moment("start"),
        end=head.moment("end_date"),
        sub_lines=tuple(_read_sub_lines(rows, layout)),
    )


def _read_sub_lines(rows: Sequence[Row], layout: PrismLayout) -> Iterator[SubLine]:
    """Neighbours that agree in what stands above a charge share a sub-line."""
    charges: list[tuple[SubLine, Charge]] = []
    for row in rows:
        if row.tag == "40":
            charges.append((_read_above(row, layout), _read_charge(row, layout)))
        elif not charges or row.tag != "45":
            raise row.wrong("amount", "records 40 and 45 under 10", code="flat_order")
        else:
            above, charge = charges[-1]
            charges[-1] = above, replace(charge, taxes=(*charge.taxes, _read_tax(row)))
    groups = groupby(charges, key=lambda found: found[0])
    for number, (sub_line, group) in enumerate(groups, start=1):
        yield replace(sub_line, number=str(number), charges=tuple(charge for _, charge in group))


def _read_above(row: Row, layout: PrismLayout) -> SubLine:
    return SubLine(
        relationship=layout.item["relationship"],
        completed_on=row.date("completed_on"),
        unmetered_range=row.text("unmetered_range"),
        late_invoice=row.text("late_invoice"),
        service_order=row.text("service_order"),
    )


def _read_charge(row: Row, layout: PrismLayout) -> Charge:
    return Charge(
        indicator=row.needed_text("indicator"),
        agency=layout.item["agency"],
        code=row.needed_text("code"),
        amount=row.needed_decimal("amount"),
        rate=row.decimal("rate"),
        unit=row.text("unit"),
        quantity=row.decimal("quantity"),
        registered_quantity=row.decimal("registered_quantity"),
        text=row.text("text"),
    )


def _read_tax(row: Row) -> Tax:
    return Tax(
        type=row.text("type"),
        amount=row.needed_decimal("amount"),
        relationship=row.text("relationship"),
    )


def write_invoice(partner: str, invoice: DeliveryInvoice, layout: PrismLayout) -> Iterator[str]:
    """The records of one document, SH first."""
    texts = {
        "date": compact_date(invoice.date),
        "reference": invoice.reference,
        "usage_reference": invoice.usage_reference,
        "type": invoice.type,
        "purpose": invoice.purpose,
        "original_reference": invoice.original_reference,
        "due_date": compact_date(invoice.due_date),
        "esi_id": invoice.esi_id,
    }
    for name, found in (("retailer", invoice.retailer), ("tdsp", invoice.tdsp)):
        if found is not None:
            texts |= {f"{name}_name": found.name, f"{name}_duns": found.duns}
    yield layout.record("SH", partner=partner, reference=invoice.reference, direction="I")
    yield layout.record("01", partner=partner, state=layout.state, **texts)
    for item in invoice.items:
        yield from _write_item(partner, item, layout)
    lines = "" if invoice.line_count is None else str(invoice.line_count)
    yield layout.record("60", partner=partner, total=decimal_text(invoice.total), lines=lines)


def _write_item(partner: str, item: InvoiceItem, layout: PrismLayout) -> Iterator[str]:
    refuse_fields(item, ("charges",), _LAYOUT)
    for name, text in (("service_qualifier", item.service), ("level_qualifier", item.level)):
        if getattr(item, name) != (layout.item[name] if text else ""):
            raise cannot_write(_LAYOUT, f"the {name.replace('_', ' ')} {getattr(item, name)!r}")
    yield layout.record(
        "10",
        partner=partner,
        line=item.line,
        service=item.service,
        level=item.level,
        start=compact_moment(item.start),
        end_date=compact_moment(item.end),
        rate_class=item.rate_class,
        rate_subclass=item.rate_subclass,
    )
    for number, sub_line in enumerate(item.sub_lines, start=1):
        numbered = sub_line.number == str(number) and sub_line.charges
        if not numbered or sub_line.relationship != layout.item["relationship"]:
            raise cannot_write(_LAYOUT, f"sub-line {sub_line.number!r} as number {number}")
        for charge in sub_line.charges:
            yield from _write_charge(partner, sub_line, charge, layout)


def _write_charge(
    partner: str, above: SubLine, charge: Charge, layout: PrismLayout
) -> Iterator[str]:
    if charge.agency != layout.item["agency"]:
        raise cannot_write(_LAYOUT, f"a charge of agency {charge.agency!r}")
    yield layout.record(
        "40",
        partner=partner,
        indicator=charge.indicator,
        code=charge.code,
        amount=decimal_text(charge.amount),
        rate=decimal_text(charge.rate),
        unit=charge.unit,
        quantity=decimal_text(charge.quantity),
        registered_quantity=decimal_text(charge.registered_quantity),
        text=charge.text,
        completed_on=compact_date(above.completed_on),
        service_order=above.service_order,
        late_invoice=above.late_invoice,
        unmetered_range=above.unmetered_range,
    )
    for tax in charge.taxes:
        yield layout.record(
            "45",
            partner=partner,
            type=tax.type,
            amount=decimal_text(tax.amount),
            relationship=tax.relationship,
        )
