"""Prism records to remittances and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ossrep.market.edi.flat.layouts import PrismLayout
from ossrep.market.edi.flat.model import Row, cannot_write, compact_date, decimal_text
from ossrep.market.edi.flat.shared import party
from ossrep.market.edi.texas_set.remittance import InvoicePayment, Remittance

_LAYOUT: Final = "prism"


def read_remittance(rows: Sequence[Row], layout: PrismLayout) -> Remittance:
    """One advice: SH, 01 and a 20 record for each invoice."""
    start, head = rows[0], rows[1]
    start.text("reference"), start.text("direction")
    return Remittance(
        reference=head.needed_text("trace"),
        date=head.needed_date("date"),
        tdsp=party(head, "tdsp"),
        retailer=party(head, "retailer"),
        handling=head.text("type"),
        total_usd=head.needed_decimal("total"),
        credit_or_debit=head.text("flag"),
        method=head.text("method"),
        payments=tuple(_read_payment(row) for row in rows[2:]),
    )


def _read_payment(row: Row) -> InvoicePayment:
    return InvoicePayment(
        invoice_reference=row.needed_text("invoice"),
        amount_usd=row.needed_decimal("amount"),
        esi_id=row.text("esi_id"),
        membership_id=row.text("account"),
    )


def write_remittance(partner: str, remittance: Remittance, layout: PrismLayout) -> Iterator[str]:
    """The records of one advice, SH first."""
    plain = replace(remittance, format="", trace_type="1", entity="1")
    if plain != remittance or remittance.esi_id or remittance.original_reference:
        raise cannot_write(_LAYOUT, "a format, trace type or entity of a remittance")
    texts = {
        "type": remittance.handling,
        "total": decimal_text(remittance.total_usd),
        "method": remittance.method,
        "date": compact_date(remittance.date),
        "trace": remittance.reference,
        "flag": remittance.credit_or_debit,
    }
    for name, found in (("retailer", remittance.retailer), ("tdsp", remittance.tdsp)):
        if found is not None:
            texts |= {f"{name}_name": found.name, f"{name}_duns": found.duns}
    yield layout.record("SH", partner=partner, reference=remittance.reference, direction="O")
    yield layout.record("01", partner=partner, state=layout.state, **texts)
    for payment in remittance.payments:
        if payment.invoice_amount_usd is not None:
            raise cannot_write(_LAYOUT, "the amount of the invoice beside what is paid of it")
        if payment.note:
            raise cannot_write(_LAYOUT, f"the note {payment.note!r}")
        yield layout.record(
            "20",
            partner=partner,
            account=payment.membership_id,
            amount=decimal_text(payment.amount_usd),
            invoice=payment.invoice_reference,
            esi_id=payment.esi_id,
        )
