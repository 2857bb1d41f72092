"""Invoices as a customer would get them, without a database."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from decimal import Decimal

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

BRAND = DocumentBrand(
    display_name="Bluebonnet Power",
    legal_name="Bluebonnet Retail Electric LLC",
    certificate_number="10999",
    address_lines=("P.O. Box 4410", "Houston, TX 77210-4410"),
    billing_phone="(800) 555-0142",
    billing_hours="Monday to Friday, 7 am to 8 pm",
    email="care@bluebonnet.example",
    website="www.bluebonnet.example",
)


def line(label: str, quantity: str, unit: str, price: str | None, cents: int) -> DocumentLine:
    return DocumentLine(
        label=label,
        quantity=quantity if "/" in quantity else Decimal(quantity),
        unit=unit,
        unit_price_usd=None if price is None else Decimal(price),
        amount_cents=cents,
    )


HOME = DocumentSite(
    service_address=("1402 Pecan Street", "Dallas, TX 75201"),
    esi_id="10443720000000017",
    meter_number="125881904LG",
    tdsp_name="Oncor Electric Delivery",
    outage_phone="(888) 313-4747",
    plan_name="Free Weekends 24",
    product_type="fixed",
    term_end_date=dt.date(2028, 3, 31),
    period_start=dt.date(2026, 10, 20),
    period_end=dt.date(2026, 11, 19),
    import_wh=1_136_000,
    export_wh=0,
    peak_w=None,
    is_estimated=False,
    retailer_lines=(
        line("Weekday energy", "803", "kwh", "0.144", 11563),
        line("Weekend energy (free)", "333", "kwh", "0", 0),
    ),
    delivery_lines=(
        line("TDU Delivery Charges, customer and meter", "1", "month", "4.23", 423),
        line("TDU Delivery Charges, per kWh", "1136", "kwh", "0.056032", 6365),
    ),
    one_off_lines=(),
    tax_cents=397,
    bank=None,
)


def months(last: dt.date, scale: int = 1000, export: int = 0) -> tuple[UsageMonth, ...]:
    """Thirteen months that end with ``last``, high in summer."""
    found = []
    for back in range(12, -1, -1):
        index = last.year * 12 + last.month - 1 - back
        date = dt.date(index // 12, index % 12 + 1, min(last.day, 28))
        season = 1 + 0.55 * math.cos((date.month - 7.5) / 12 * 2 * math.pi)
        sun = 1 + 0.4 * math.cos((date.month - 6) / 12 * 2 * math.pi)
        found.append(UsageMonth(date, int(scale * season) * 1000, int(export * sun) * 1000))
    return tuple(found)


def days(start: dt.date, end: dt.date, scale: int = 36, export: int = 0) -> tuple[UsageDay, ...]:
    """Daily use of a period, a little different each day."""
    found = []
    for offset in range((end - start).days):
        date = start + dt.timedelta(days=offset)
        wave = 1 + 0.3 * math.sin(offset * 1.7) + (0.2 if date.weekday() >= 5 else 0)
        found.append(UsageDay(date, int(scale * wave * 1000), int(export * (2 - wave) * 1000)))
    return tuple(found)


def home_invoice() -> InvoiceDocument:
    """A family's bill on a free-weekends plan."""
    return InvoiceDocument(
        brand=BRAND,
        invoice_number="2611-004417-6",
        account_number="70012345",
        customer_name="Maria Gonzalez",
        customer_class="residential",
        mailing_lines=("Maria Gonzalez", "1402 Pecan Street", "Dallas, TX 75201"),
        issue_date=dt.date(2026, 11, 22),
        due_date=dt.date(2026, 12, 8),
        previous_balance_cents=21034,
        payments=(DocumentPayment(dt.date(2026, 11, 4), "Payment, thank you", -21034),),
        sites=(HOME,),
        taxes=(
            DocumentTax(label="PUC Assessment", rate="1/600", amount_cents=31),
            DocumentTax(
                label="Miscellaneous Gross Receipts Tax Reimbursement, Dallas",
                rate="1.997%",
                amount_cents=366,
            ),
        ),
        average_price_cents_per_kwh=Decimal("16.2"),
        usage_months=months(dt.date(2026, 11, 18)),
        usage_days=days(dt.date(2026, 10, 20), dt.date(2026, 11, 19)),
    )


def solar_invoice() -> InvoiceDocument:
    """A roof that earns: buyback credits and a bank."""
    site = replace(
        HOME,
        plan_name="Solar Bank 12",
        import_wh=410_000,
        export_wh=930_250,
        retailer_lines=(
            line("Base charge", "1", "month", "9.95", 995),
            line("Energy charge", "410", "kwh", "0.135", 5535),
            line("Solar buyback credit", "930.25", "kwh", "-0.09", -5535),
        ),
        delivery_lines=(
            line("TDU Delivery Charges, customer and meter", "1", "month", "4.06", 406),
            line("TDU Delivery Charges, per kWh", "410", "kwh", "0.061322", 2514),
        ),
        tax_cents=85,
        bank=DocumentBank(
            in_cents=1200,
            earned_cents=8372,
            applied_cents=5535,
            used_cents=0,
            out_cents=4037,
            lost_cents=0,
        ),
    )
    return replace(
        home_invoice(),
        invoice_number="2611-004418-4",
        sites=(site,),
        payments=(),
        previous_balance_cents=-1500,
        taxes=(
            DocumentTax(label="PUC Assessment", rate="1/600", amount_cents=7),
            DocumentTax(
                label="Miscellaneous Gross Receipts Tax Reimbursement, Dallas",
                rate="1.997%",
                amount_cents=78,
            ),
        ),
        average_price_cents_per_kwh=Decimal("9.5"),
        usage_months=months(dt.date(2026, 11, 18), 420, 800),
        usage_days=days(dt.date(2026, 10, 20), dt.date(2026, 11, 19), 14, 31),
    )


COMMERCIAL_TAXES = (
    DocumentTax(label="PUC Assessment", rate="1/600", amount_cents=356),
    DocumentTax(
        label="Miscellaneous Gross Receipts Tax Reimbursement, Abilene",
        rate="1.997%",
        amount_cents=4261,
    ),
    DocumentTax(label="State Sales Tax", rate="6.25%", amount_cents=13623),
    DocumentTax(label="City Sales Tax, Abilene", rate="2%", amount_cents=4359),
)


def commercial_invoice() -> InvoiceDocument:
    """A shop with demand charges, sales taxes, an estimated read and a one-off fee."""
    site = replace(
        HOME,
        service_address=("820 Industrial Blvd, Suite 4", "Abilene, TX 79602"),
        esi_id="10204049700000021",
        tdsp_name="AEP Texas North",
        outage_phone="(866) 223-8508",
        plan_name="Business Demand 36",
        import_wh=18_400_000,
        peak_w=61_700,
        is_estimated=True,
        retailer_lines=(line("Energy charge", "18400", "kwh", "0.0725", 133400),),
        delivery_lines=(
            line("TDU customer charge", "1", "month", "22.00", 2200),
            line("TDU energy charge", "18400", "kwh", "0.000743", 1367),
            line("TDU demand charge", "61.7", "kw", "12.38", 76385),
        ),
        one_off_lines=(line("Disconnect visit fee", "1", "each", "25", 2500),),
        tax_cents=22599,
    )
    return replace(
        home_invoice(),
        invoice_number="2611-004419-2",
        account_number="70099001",
        customer_name="Big Country Tool & Die, Inc.",
        customer_class="small_commercial",
        mailing_lines=(
            "Big Country Tool & Die, Inc.",
            "Attn: Accounts Payable",
            "820 Industrial Blvd, Suite 4",
            "Abilene, TX 79602",
        ),
        sites=(site,),
        taxes=COMMERCIAL_TAXES,
        average_price_cents_per_kwh=Decimal("11.6"),
        usage_months=months(dt.date(2026, 11, 18), 17_000),
        usage_days=days(dt.date(2026, 10, 20), dt.date(2026, 11, 19), 610),
    )


def several_premises_invoice(count: int = 5) -> InvoiceDocument:
    """A business with a site in several places on one invoice."""
    one = commercial_invoice()
    sites = tuple(
        replace(
            one.sites[0],
            service_address=(f"{100 + 37 * n} Commerce Street", "Abilene, TX 79602"),
            esi_id=f"102040497000000{n:02d}",
            tax_cents=22599 if n == 0 else 0,
            one_off_lines=() if n else one.sites[0].one_off_lines,
            is_estimated=n == 2,
        )
        for n in range(count)
    )
    return replace(one, invoice_number="2611-004420-0", sites=sites)
