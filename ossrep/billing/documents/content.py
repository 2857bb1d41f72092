"""What an invoice prints, as values: everything the page needs and nothing it must look up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from ossrep.published.customer import CustomerClass


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentBrand:
    """Who sells, as printed: 16 TAC §25.479(c) asks for name, address, certificate and phones."""

    display_name: str
    legal_name: str
    certificate_number: str
    address_lines: tuple[str, ...]
    billing_phone: str
    billing_hours: str
    email: str
    website: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One charge or credit; ``unit_price_usd`` is None where the price varies within the line."""

    label: str
    quantity: Decimal | str
    unit: str
    unit_price_usd: Decimal | None
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentBank:
    """Buyback credits of a site: what came in, was earned, was used and goes on."""

    in_cents: int
    earned_cents: int
    applied_cents: int
    used_cents: int
    out_cents: int
    lost_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSite:
    """One premises' section: service period ``[start, end)``, usage, charges.

    ``peak_w`` is None where demand was not measured or does not matter.
    """

    service_address: tuple[str, ...]
    esi_id: str
    meter_number: str
    tdsp_name: str
    outage_phone: str
    plan_name: str
    product_type: str
    term_end_date: dt.date | None
    period_start: dt.date
    period_end: dt.date
    import_wh: int
    export_wh: int
    peak_w: int | None
    is_estimated: bool
    retailer_lines: tuple[DocumentLine, ...]
    delivery_lines: tuple[DocumentLine, ...]
    one_off_lines: tuple[DocumentLine, ...]
    tax_cents: int
    bank: DocumentBank | None

    @property
    def charges_cents(self) -> int:
        """Sum of the lines, without taxes."""
        lines = (*self.retailer_lines, *self.delivery_lines, *self.one_off_lines)
        return sum(line.amount_cents for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTax:
    """One tax or assessment of the whole invoice; ``rate`` as printed."""

    label: str
    rate: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class DocumentPayment:
    """Money that arrived, or an adjustment, since the invoice before; credits are negative."""

    date: dt.date
    label: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """Imported and exported Wh of one earlier or this billing period, named by its last day."""

    last_date: dt.date
    import_wh: int
    export_wh: int


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Imported and exported Wh of one local day."""

    date: dt.date
    import_wh: int
    export_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """A whole invoice. ``reversed_on`` prints that it no longer counts."""

    brand: DocumentBrand
    invoice_number: str
    account_number: str
    customer_name: str
    customer_class: CustomerClass
    mailing_lines: tuple[str, ...]
    issue_date: dt.date
    due_date: dt.date
    previous_balance_cents: int
    payments: tuple[DocumentPayment, ...]
    sites: tuple[DocumentSite, ...]
    taxes: tuple[DocumentTax, ...]
    average_price_cents_per_kwh: Decimal | None
    usage_months: tuple[UsageMonth, ...]
    usage_days: tuple[UsageDay, ...]
    reversed_on: dt.date | None = None

    @property
    def current_cents(self) -> int:
        """Charges and taxes of this invoice."""
        charges = sum(site.charges_cents for site in self.sites)
        return charges + sum(tax.amount_cents for tax in self.taxes)

    @property
    def amount_due_cents(self) -> int:
        """What is owed by the due date; negative is a credit that stays on the account."""
        since = sum(payment.amount_cents for payment in self.payments)
        return self.previous_balance_cents + since + self.current_cents
