"""A stored invoice as the document it prints: from its own rows alone, the same each time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ossrep.billing.documents.content import (
    DocumentBank,
    DocumentBrand,
    DocumentLine,
    DocumentPayment,
    DocumentSite,
    DocumentTax,
    InvoiceDocument,
    UsageDay,
    UsageMonth,
)
from ossrep.billing.models import Charge, InvoiceLine, InvoiceTax
from ossrep.billing.queries.invoices import StoredInvoice
from ossrep.kernel.money import cents
from ossrep.rating.exact import exact_text

_ASSESSMENT = "puc_assessment"


def document_of(stored: StoredInvoice) -> InvoiceDocument:
    """Everything the page prints of a stored invoice."""
    invoice, snapshot = stored.invoice, stored.invoice.snapshot
    average = invoice.average_price_tenth_cents
    return InvoiceDocument(
        brand=_brand(invoice.brand_part.content),
        invoice_number=invoice.number,
        account_number=invoice.account_number,
        customer_name=snapshot["customer"]["name"],
        customer_class=snapshot["customer"]["class"],
        mailing_lines=_mailing_lines(snapshot),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        previous_balance_cents=cents(invoice.previous_balance_usd),
        payments=tuple(_payment(payment) for payment in snapshot["payments"]),
        sites=tuple(_site(stored, charge) for charge in stored.charges),
        taxes=tuple(_tax(tax) for tax in stored.taxes),
        average_price_cents_per_kwh=None if average is None else Decimal(average).scaleb(-1),
        usage_months=tuple(_month(entry) for entry in snapshot["history"]),
        usage_days=_days(stored.charges),
        reversed_on=stored.reversal.effective_date if stored.reversal else None,
    )


def _mailing_lines(snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    """The customer, the person or desk where that is another name, the address."""
    names = dict.fromkeys((snapshot["customer"]["name"], snapshot["bill_to"]["name"]))
    return (*names, *address_lines(snapshot["bill_to"]))


def address_lines(address: Mapping[str, str]) -> tuple[str, ...]:
    """Street lines, then city, state and ZIP."""
    streets = tuple(filter(None, (address["line1"], address["line2"])))
    return (*streets, f"{address['city']}, {address['state']} {address['zip_code']}")


def _brand(content: Mapping[str, Any]) -> DocumentBrand:
    return DocumentBrand(
        display_name=content["name"],
        legal_name=content["legal_name"],
        certificate_number=content["certificate_number"],
        address_lines=tuple(content["address_lines"]),
        billing_phone=content["billing_phone"],
        billing_hours=content["billing_hours"],
        email=content["email"],
        website=content["website"],
    )


def _payment(payment: Mapping[str, str]) -> DocumentPayment:
    return DocumentPayment(
        date=dt.date.fromisoformat(payment["date"]),
        label=payment["label"],
        amount_cents=cents(Decimal(payment["amount_usd"])),
    )


def _site(stored: StoredInvoice, charge: Charge) -> DocumentSite:
    (facts,) = (s for s in stored.invoice.snapshot["sites"] if s["site_no"] == charge.site_no)
    plan = charge.printed_part.content
    lines = [line for line in stored.lines if line.site_no == charge.site_no]
    term_end = facts["term_end_date"]
    bills_demand = any(line.template.unit == "kw" for line in lines)
    return DocumentSite(
        service_address=address_lines(facts["address"]),
        esi_id=charge.esi_id,
        meter_number=facts["meter_number"],
        tdsp_name=plan["tdsp_name"],
        outage_phone=plan["outage_phone"],
        plan_name=plan["name"],
        product_type=plan["product_type"],
        term_end_date=None if term_end is None else dt.date.fromisoformat(term_end),
        period_start=charge.period_start,
        period_end=charge.period_end,
        import_wh=charge.import_wh,
        export_wh=charge.export_wh,
        peak_w=charge.peak_w if bills_demand and charge.peak_w >= 0 else None,
        is_estimated=charge.estimated_intervals > 0,
        retailer_lines=_lines(x for x in lines if _section(x) == "retailer"),
        delivery_lines=_lines(x for x in lines if _section(x) == "delivery"),
        one_off_lines=_lines(x for x in lines if _section(x) == "one_off"),
        tax_cents=_site_tax(stored.taxes, charge.site_no),
        bank=_bank(charge),
    )


def _section(line: InvoiceLine) -> str:
    """Non-recurring charges stand apart (16 TAC §25.479)."""
    return line.template.section if line.template.recurring else "one_off"


def _lines(lines: Iterable[InvoiceLine]) -> tuple[DocumentLine, ...]:
    return tuple(_line(line) for line in lines)


def _line(line: InvoiceLine) -> DocumentLine:
    template = line.template
    text = exact_text(Fraction(line.quantity, template.quantity_scale))
    price = template.unit_price_usd
    return DocumentLine(
        label=template.label,
        quantity=text if "/" in text else Decimal(text),
        unit=template.unit,
        unit_price_usd=None if price is None else price.normalize(),
        amount_cents=cents(line.amount_usd),
    )


def _site_tax(taxes: Sequence[InvoiceTax], site_no: int) -> int:
    """The shares of one site; an invoice of one site has no split by site."""
    total = 0
    for tax in taxes:
        if tax.split is None:
            total += cents(tax.amount_usd)
        else:
            shares = [part["amount_usd"] for part in tax.split if part["site"] == site_no]
            total += sum(cents(Decimal(share)) for share in shares)
    return total


def _tax(tax: InvoiceTax) -> DocumentTax:
    """The assessment's rate reads as the law's fraction, the others as percent."""
    rate = Fraction(tax.template.rate)
    shown = str(rate) if tax.template.code == _ASSESSMENT else f"{exact_text(rate * 100)}%"
    return DocumentTax(label=tax.template.label, rate=shown, amount_cents=cents(tax.amount_usd))


def _bank(charge: Charge) -> DocumentBank | None:
    bank = DocumentBank(
        in_cents=cents(charge.bank_in_usd),
        earned_cents=cents(charge.bank_earned_usd),
        applied_cents=cents(charge.bank_applied_usd),
        used_cents=cents(charge.bank_used_usd),
        out_cents=cents(charge.bank_out_usd),
        lost_cents=cents(charge.bank_lost_usd),
    )
    moved = (bank.in_cents, bank.earned_cents, bank.out_cents, bank.lost_cents)
    return bank if any(moved) else None


def _month(entry: Sequence[Any]) -> UsageMonth:
    last, import_wh, export_wh = entry
    return UsageMonth(dt.date.fromisoformat(last), import_wh, export_wh)


def _days(charges: Sequence[Charge]) -> tuple[UsageDay, ...]:
    """Daily Wh of all sites together; none where a site was billed by register."""
    if not charges or any(not charge.daily_import_wh for charge in charges):
        return ()
    days: dict[dt.date, list[int]] = {}
    for charge in charges:
        imports = _daily(charge.daily_import_wh)
        exports = _daily(charge.daily_export_wh) or [0] * len(imports)
        for offset, (imported, exported) in enumerate(zip(imports, exports, strict=True)):
            date = charge.period_start + dt.timedelta(days=offset)
            sums = days.setdefault(date, [0, 0])
            sums[0] += imported
            sums[1] += exported
    return tuple(UsageDay(date, *sums) for date, sums in sorted(days.items()))


def _daily(packed: bytes | memoryview) -> list[int]:
    return [int(wh) for wh in np.frombuffer(packed, dtype="<i8")]
