"""What an invoice's page shows, gathered from its own rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.safestring import SafeString

from ossrep.billing.admin.base import days_text, kwh, usd
from ossrep.billing.documents.from_rows import address_lines
from ossrep.billing.domain.recipes import recipe_text
from ossrep.billing.models import (
    Charge,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    ItemKind,
    Reversal,
    SourceKind,
    Transfer,
)
from ossrep.billing.queries.invoices import StoredInvoice, load_invoices
from ossrep.billing.queries.open_items import get_open_items
from ossrep.billing.queries.stored_recipes import recipe_of
from ossrep.infra.admin_links import link_to
from ossrep.kernel.identifiers import AccountId, InvoiceId
from ossrep.kernel.money import dollars

_SECTIONS = {"retailer": "Energy and services", "delivery": "Delivery charges"}
_PERCENT_DIGITS = 8
_UNITS = {"kwh": "kWh", "kw": "kW", "day": "days", "month": "month", "each": ""}


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as a person reads it: quantity, price, how it came about, dollars."""

    label: str
    quantity: str
    price: str
    how: str
    amount: str


@dataclass(frozen=True, slots=True)
class SectionShown:
    """The lines of one section of a site, with their sum."""

    title: str
    lines: Sequence[LineShown]
    total: str


@dataclass(frozen=True, slots=True)
class SiteShown:
    """One premises of an invoice."""

    address: str
    esi_id: str
    facts: Sequence[tuple[str, object]]
    sections: Sequence[SectionShown]


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A whole invoice for reading."""

    invoice: Invoice
    facts: Sequence[tuple[str, object]]
    sums: Sequence[tuple[str, str]]
    sites: Sequence[SiteShown]
    taxes: Sequence[tuple[str, str, str, str]]
    tax_total: str
    transfers: Sequence[tuple[object, ...]]
    reversal: Reversal | None
    amount_due: str
    open_amount: str


def get_invoice_page(*, invoice_id: InvoiceId) -> InvoicePage:
    """Everything one page shows of an invoice; a fixed number of queries."""
    (stored,) = load_invoices(invoice_ids=[invoice_id])
    invoice = stored.invoice
    return InvoicePage(
        invoice=invoice,
        facts=list(_facts(stored)),
        sums=list(_sums(invoice)),
        sites=[_site(stored, charge) for charge in stored.charges],
        taxes=[_tax(tax) for tax in stored.taxes],
        tax_total=usd(invoice.tax_usd),
        transfers=[transfer_row(t) for t in _transfers(stored)],
        reversal=stored.reversal,
        amount_due=usd(invoice.amount_due_usd),
        open_amount=usd(_open_amount(invoice)),
    )


def _facts(stored: StoredInvoice) -> Iterator[tuple[str, object]]:
    invoice = stored.invoice
    number, bill_to = invoice.account_number, invoice.snapshot["bill_to"]
    yield "Account", link_to("customer_account", number, number)
    yield "Bill to", ", ".join((bill_to["name"], *address_lines(bill_to)))
    yield "Kind", ItemKind(invoice.kind).label + (" (estimated)" if invoice.is_estimated else "")
    yield "Period", days_text(invoice.period_start, invoice.period_end)
    yield "Issued", invoice.issue_date
    yield "Due", invoice.due_date
    yield "Brand", str(invoice.brand_part.content["name"])
    yield "Bill run", link_to("billing_billrun", "", str(invoice.run_id), id=invoice.run_id)
    average = invoice.average_price_tenth_cents
    yield "Average price", "-" if average is None else f"{average / 10:.1f} ¢ per kWh"
    yield "All bills", link_to("billing_invoice", number, "of this account")
    yield "Ledger", link_to("billing_ledgeraccount", number, "balance and open items")


def _sums(invoice: Invoice) -> Iterator[tuple[str, str]]:
    yield "Previous balance", usd(invoice.previous_balance_usd)
    yield "Payments", usd(invoice.payments_usd)
    if invoice.adjustments_usd:
        yield "Adjustments", usd(invoice.adjustments_usd)
    yield "Energy and services", usd(invoice.retailer_usd)
    yield "Delivery", usd(invoice.delivery_usd)
    yield "Taxes and assessments", usd(invoice.tax_usd)


def _site(stored: StoredInvoice, charge: Charge) -> SiteShown:
    (place,) = (s for s in stored.invoice.snapshot["sites"] if s["site_no"] == charge.site_no)
    lines = [line for line in stored.lines if line.site_no == charge.site_no]
    found = list(dict.fromkeys(line.template.section for line in lines))
    sections = []
    for name in found:
        own = [line for line in lines if line.template.section == name]
        total = usd(sum((line.amount_usd for line in own), Decimal(0)))
        sections.append(SectionShown(_SECTIONS.get(name, name), [_line(x) for x in own], total))
    return SiteShown(
        address=", ".join(address_lines(place["address"])),
        esi_id=charge.esi_id,
        facts=list(_site_facts(charge, place)),
        sections=sections,
    )


def _site_facts(charge: Charge, place: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    plan = charge.printed_part.content
    days = {"date__gte": charge.period_start, "date__lt": charge.period_end}
    yield "ESI ID", link_to("customer_premises", charge.esi_id, charge.esi_id)
    yield "Meter", place["meter_number"]
    yield "Plan", plan_link(plan)
    yield "TDSP", plan["tdsp_name"]
    yield "Period", _days(charge)
    yield "Used", usage_link(charge, f"{kwh(charge.import_wh)} kWh", days)
    if charge.export_wh:
        yield "Sent to the grid", f"{kwh(charge.export_wh)} kWh"
    yield "Usage from", charge.get_usage_source_display()
    yield "Delivery from", charge.get_delivery_source_display()
    if charge.estimated_intervals:
        yield "Estimated", f"{charge.estimated_intervals} quarter hours"
    if charge.bank_in_usd or charge.bank_out_usd:
        yield "Credit bank", f"{usd(charge.bank_in_usd)} before, {usd(charge.bank_out_usd)} after"


def plan_link(plan: Mapping[str, Any]) -> SafeString | str:
    """A plan as printed, as a link to its versions."""
    return link_to("product_planversion", plan["plan"], f"{plan['name']} v{plan['version']}")


def usage_link(charge: Charge, text: str, days: Mapping[str, object]) -> SafeString | str:
    """The days of the meter that a charge billed."""
    return link_to("meter_intervalday", charge.esi_id, text, **days)


def _line(line: InvoiceLine) -> LineShown:
    recipe = recipe_of(line)
    price = line.template.unit_price_usd
    quantity = _grouped(recipe["quantity"])
    return LineShown(
        label=line.template.label,
        quantity=f"{quantity} {_UNITS.get(line.template.unit, line.template.unit)}".strip(),
        price="" if price is None else f"${_trimmed(price)}",
        how=recipe_text(recipe),
        amount=usd(line.amount_usd),
    )


def _trimmed(price: Decimal) -> str:
    """A price with its own digits, at least two of them behind the point."""
    whole, _, rest = f"{price:f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _grouped(quantity: str) -> str:
    whole, point, rest = quantity.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdigit() else quantity


def _tax(tax: InvoiceTax) -> tuple[str, str, str, str]:
    return tax.template.label, _rate(tax.template.rate), usd(tax.base_usd), usd(tax.amount_usd)


def _rate(text: str) -> str:
    """An exact rate as percent where that ends within eight digits, else as the law has it."""
    percent = Fraction(text) * 100 * 10**_PERCENT_DIGITS
    if percent.denominator != 1:
        return text
    return f"{(Decimal(percent.numerator) / 10**_PERCENT_DIGITS).normalize():f} %"


def _days(charge: Charge) -> str:
    count = (charge.period_end - charge.period_start).days
    return f"{days_text(charge.period_start, charge.period_end)} ({count} days)"


def _transfers(stored: StoredInvoice) -> list[Transfer]:
    found = Transfer.objects.select_related("debit", "credit").order_by("pk")
    own = found.filter(source_kind=SourceKind.INVOICE, source_id=stored.invoice.pk)
    if stored.reversal is None:
        return list(own)
    mirrored = found.filter(source_kind=SourceKind.REVERSAL, source_id=stored.reversal.pk)
    return [*own, *mirrored]


def transfer_row(transfer: Transfer) -> tuple[object, ...]:
    """Date, kind, debit, credit, dollars."""
    return (
        transfer.effective_date,
        transfer.get_kind_display(),
        ledger_name(transfer.debit),
        ledger_name(transfer.credit),
        usd(transfer.amount_usd),
    )


def ledger_name(account: Any) -> str:
    """An account of the ledger in words; the customer's own one without its number."""
    if account.account_id is not None:
        return "receivable"
    of = ", ".join(part.replace("_", " ") for part in account.code.split(":") if part)
    return f"{account.get_kind_display()}: {of}" if of else str(account.get_kind_display())


def _open_amount(invoice: Invoice) -> Decimal:
    items = get_open_items(account_id=AccountId(invoice.account_id)).items
    cents = sum(item.open_cents for item in items if item.owed.name == invoice.number)
    return dollars(cents)
