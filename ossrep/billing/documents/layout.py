"""An invoice as the data of ``invoice.typ``: every number in its printed form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ossrep.billing.documents.charts import Chart
from ossrep.billing.documents.content import (
    DocumentBank,
    DocumentLine,
    DocumentSite,
    InvoiceDocument,
    UsageDay,
    UsageMonth,
)
from ossrep.billing.documents.notices import invoice_notices
from ossrep.billing.documents.wording import (
    PRODUCT_TYPES,
    day,
    line_detail,
    money,
    round_kwh,
    thousandths,
)

MONTHS_PER_YEAR = 12
ONE_PAGE_ROWS_MAX = 24
"""Rows of charges, bank and balance that one page holds beside all that each invoice has."""


def template_data(document: InvoiceDocument) -> dict[str, Any]:
    """JSON-ready data of the template."""
    brand = document.brand
    average = document.average_price_cents_per_kwh
    due = document.amount_due_cents
    return {
        "brand": {
            "display_name": brand.display_name,
            "legal_name": brand.legal_name,
            "certificate": brand.certificate_number,
            "address": list(brand.address_lines),
            "phone": brand.billing_phone,
            "hours": brand.billing_hours,
            "email": brand.email,
            "website": brand.website,
        },
        "invoice": document.invoice_number,
        "account": document.account_number,
        "mailing": list(document.mailing_lines),
        "issued": day(document.issue_date),
        "due_date": day(document.due_date),
        "amount_due": money(due),
        "is_credit": due < 0,
        "reversed_on": day(document.reversed_on) if document.reversed_on else None,
        "summary": _summary(document),
        "average_price": None if average is None else f"{average}¢ per kWh",
        "sites": [_site(site) for site in document.sites],
        "locations": _locations(document.sites),
        "taxes": _taxes(document),
        "current": money(document.current_cents),
        "months": _months(document.usage_months),
        "days": _days(document.usage_days),
        "outage": _outage(document.sites),
        "notices": " ".join(invoice_notices(document)),
        "is_one_page": _is_one_page(document),
    }


def _is_one_page(document: InvoiceDocument) -> bool:
    """True where the page surely holds everything, so that nobody needs to count pages."""
    if len(document.sites) != 1:
        return False
    (site,) = document.sites
    groups = _groups(site)
    rows = sum(len(group["rows"]) + 1 for group in groups) + len(document.taxes)
    return rows + len(_bank(site.bank)) + len(document.payments) <= ONE_PAGE_ROWS_MAX


def _summary(document: InvoiceDocument) -> list[list[str]]:
    since = [
        [f"{payment.label}, {day(payment.date)}", money(payment.amount_cents)]
        for payment in document.payments
    ]
    return [
        ["Previous balance", money(document.previous_balance_cents)],
        *since,
        ["Current charges", money(document.current_cents)],
    ]


def _site(site: DocumentSite) -> dict[str, Any]:
    return {
        "name": site.service_address[0],
        "charges": money(site.charges_cents),
        "facts": _facts(site),
        "groups": _groups(site),
        "bank": _bank(site.bank),
    }


def _facts(site: DocumentSite) -> list[list[str]]:
    last_day = site.period_end - dt.timedelta(days=1)
    days = (site.period_end - site.period_start).days
    estimated = " (Estimated)" if site.is_estimated else ""
    facts = [
        ["Address", ", ".join(site.service_address)],
        ["ESI ID", site.esi_id],
        ["Meter", site.meter_number],
        ["Plan", f"{site.plan_name} ({PRODUCT_TYPES[site.product_type]})"],
        _term(site),
        ["Service period", f"{day(site.period_start)} to {day(last_day)}, {days} days"],
        ["Usage", f"{thousandths(site.import_wh)} kWh{estimated}"],
    ]
    if site.export_wh:
        facts.append(["Sent to grid", f"{thousandths(site.export_wh)} kWh"])
    if site.peak_w is not None:
        facts.append(["Highest demand", f"{thousandths(site.peak_w)} kW"])
    return facts


def _term(site: DocumentSite) -> list[str]:
    """The end of the fixed price (16 TAC §25.479), past or to come."""
    if site.term_end_date is None:
        return ["Contract", "month to month"]
    over = site.term_end_date <= site.period_start
    return ["Contract ended" if over else "Contract ends", day(site.term_end_date)]


def _group(title: str, rows: list[list[str]], cents: int) -> dict[str, Any]:
    return {"title": title, "rows": rows, "total": money(cents)}


def _groups(site: DocumentSite) -> list[dict[str, Any]]:
    groups = (
        ("Electricity", site.retailer_lines),
        (f"Delivery by {site.tdsp_name}", site.delivery_lines),
        ("One-time charges and credits", site.one_off_lines),
    )
    return [
        _group(title, _rows(lines), sum(line.amount_cents for line in lines))
        for title, lines in groups
        if lines
    ]


def _rows(lines: Sequence[DocumentLine]) -> list[list[str]]:
    return [[line.label, line_detail(line), money(line.amount_cents)] for line in lines]


def _bank(bank: DocumentBank | None) -> list[list[str]]:
    if bank is None:
        return []
    rows = (
        ("Before this bill", bank.in_cents),
        ("Earned by what you sent to the grid", bank.earned_cents),
        ("Used on this bill", -(bank.applied_cents + bank.used_cents)),
        ("Lost, not carried over", -bank.lost_cents),
    )
    shown = [[label, money(cents)] for label, cents in rows if cents]
    return [*shown, ["After this bill", money(bank.out_cents)]]


def _locations(sites: Sequence[DocumentSite]) -> dict[str, Any]:
    rows = [
        [site.service_address[0], f"{thousandths(site.import_wh)} kWh", money(site.charges_cents)]
        for site in sites
    ]
    total = sum(site.charges_cents for site in sites)
    return _group(f"Charges of your {len(sites)} locations", rows, total)


def _taxes(document: InvoiceDocument) -> list[dict[str, Any]]:
    if not document.taxes:
        return []
    rows = [[tax.label, tax.rate, money(tax.amount_cents)] for tax in document.taxes]
    total = sum(tax.amount_cents for tax in document.taxes)
    return [_group("Taxes and assessments", rows, total)]


def _months(months: Sequence[UsageMonth]) -> dict[str, Any] | None:
    """Each bar is named by the month of its last day, a year by its January and the first bar."""
    if not months:
        return None
    last = months[-1]
    whole_year = len(months) > MONTHS_PER_YEAR
    chart = Chart(
        title="Your use in 13 months, kWh" if whole_year else "Your use by month, kWh",
        used=[month.import_wh for month in months],
        sent=[month.export_wh for month in months],
        earlier=len(months) - 1,
        values=[(n, round_kwh(month.import_wh)) for n, month in enumerate(months)],
        names=[(n, _month_name(n, month.last_date)) for n, month in enumerate(months)],
        note="The numbers are kWh used." if any(m.export_wh for m in months) else "",
        alt=f"kWh of {len(months)} months; the last: {round_kwh(last.import_wh)}",
    )
    return chart.data()


def _month_name(number: int, last_date: dt.date) -> str:
    return f"{last_date:%b %y}" if number == 0 or last_date.month == 1 else f"{last_date:%b}"


def _days(days: Sequence[UsageDay]) -> dict[str, Any] | None:
    """Each Monday has its date; the numbers stand in a sentence below."""
    if not days:
        return None
    highest = max(days, key=lambda d: d.import_wh)
    average = round_kwh(sum(d.import_wh for d in days) // len(days))
    note = (
        f"Highest {round_kwh(highest.import_wh)} kWh on {highest.date:%b} {highest.date.day}, "
        f"average {average} kWh a day. Dates are Mondays."
    )
    chart = Chart(
        title="Your use by day, kWh",
        used=[d.import_wh for d in days],
        sent=[d.export_wh for d in days],
        earlier=0,
        values=[],
        names=[
            (n, f"{d.date:%b} {d.date.day}") for n, d in enumerate(days) if d.date.weekday() == 0
        ],
        note=note,
        alt=f"kWh of {len(days)} days. {note}",
    )
    return chart.data()


def _outage(sites: Sequence[DocumentSite]) -> list[list[str]]:
    phones = {site.tdsp_name: site.outage_phone for site in sites if site.outage_phone}
    return [[name, phone] for name, phone in phones.items()]
