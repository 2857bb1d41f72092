"""Delivery lines: the TDSP's invoice as received, or its tariff in force."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from tests.oracle.components import billing_kw
from tests.oracle.documents import (
    REQUIRED,
    Document,
    one_of,
    optional,
    read_fields,
    read_list,
    read_text,
    read_whole,
)
from tests.oracle.exact import Refusal, read_decimal, read_not_negative, to_cents
from tests.oracle.lines import Line, Site
from tests.oracle.market_days import PRORATIONS, Period, read_date, share_of_month
from tests.oracle.plans import PRORATION, Component, read_taxes

UNIT_WORDS = {"month": "month", "day": "day", "kwh": "kWh", "kw": "kW"}


def read_tariff(document: object, where: str) -> list[Document]:
    """The rows of a tariff, in printed order."""
    terms = read_fields(
        document,
        where,
        {
            "tdsp": (read_text, None),
            "rate_class": (read_text, None),
            "rows": (read_list, REQUIRED),
        },
    )
    return [_read_row(row, f"{where}.rows[{n}]") for n, row in enumerate(terms["rows"])]


def _read_row(document: object, where: str) -> Document:
    return read_fields(
        document,
        where,
        {
            "code": (read_text, REQUIRED),
            "label": (read_text, REQUIRED),
            "unit": (one_of(*UNIT_WORDS), REQUIRED),
            "rate_usd": (read_decimal, REQUIRED),
            "from": (read_date, REQUIRED),
            "to": (optional(read_date), None),
            "proration": (one_of(*PRORATIONS), PRORATION[1]),
            "ratchet_percent": (optional(read_not_negative), None),
            "round_kw_decimals": (optional(read_whole), None),
            "taxes": (optional(read_taxes), None),
        },
    )


def read_delivery_charges(value: object, where: str) -> list[Document]:
    """The charges of the TDSP's invoice, in printed order."""
    return [
        read_fields(
            charge,
            f"{where}[{number}]",
            {
                "code": (read_text, REQUIRED),
                "label": (read_text, REQUIRED),
                "amount_usd": (read_decimal, REQUIRED),
                "taxes": (optional(read_taxes), None),
            },
        )
        for number, charge in enumerate(read_list(value, where))
    ]


def delivery_lines(site: Site, component: Component) -> list[Line]:
    """One line for each charge of the invoice where there is one, else for each tariff row."""
    if site.delivery_charges is not None:
        return [
            _line(
                site,
                component,
                charge,
                quantity=Fraction(1),
                unit="each",
                price=None,
                exact_usd=charge["amount_usd"],
            )
            for charge in site.delivery_charges
        ]
    if site.tariff is None:
        message = "the plan passes delivery through, and there is neither tariff nor invoice"
        raise Refusal("no_tariff", f"{site.where}.tariff", message)
    if not any(days_in_force(row, site.period) for row in site.tariff):
        message = "no row of the tariff is in force in the period"
        raise Refusal("no_tariff", f"{site.where}.tariff", message)
    _refuse_gaps(site.tariff, site.period, f"{site.where}.tariff")
    lines = [
        _row_line(site, component, row, days)
        for row in site.tariff
        if (days := days_in_force(row, site.period))
    ]
    return [line for line in lines if line.quantity != 0]


def in_force(row: Document, date: dt.date) -> bool:
    """Whether a date lies in the row's half-open `[from, to)`."""
    return bool(row["from"] <= date and (row["to"] is None or date < row["to"]))


def days_in_force(row: Document, period: Period) -> list[dt.date]:
    """The days of the period on which the row is in force."""
    return [day for day in period.days if in_force(row, day)]


def _refuse_gaps(rows: list[Document], period: Period, where: str) -> None:
    for code in {row["code"] for row in rows if days_in_force(row, period)}:
        covered = [day for row in rows if row["code"] == code for day in days_in_force(row, period)]
        if len(covered) != len(set(covered)):
            raise Refusal("tariff_overlap", where, f"two rows of {code} are in force on one day")
        if set(covered) != set(period.days):
            raise Refusal("tariff_gap", where, f"{code} has no rate on some days of the period")


def _row_line(site: Site, component: Component, row: Document, days: list[dt.date]) -> Line:
    """A row's own days decide its kWh and days; month and kW amounts go by its share of days."""
    where = f"{site.where}.tariff.{row['code']}"
    share_of_days = Fraction(len(days), len(site.period.days))
    if row["unit"] == "kwh":
        quantity = site.usage.import_kwh_on(days, site.period)
    elif row["unit"] == "day":
        quantity = Fraction(len(days))
    elif row["unit"] == "month":
        quantity = share_of_month(row["proration"], site.period) * share_of_days
    else:
        quantity = share_of_days * billing_kw(
            site,
            ratchet_percent=row["ratchet_percent"],
            round_kw_decimals=row["round_kw_decimals"],
            where=where,
        )
    return _line(
        site,
        component,
        row,
        quantity=quantity,
        unit=UNIT_WORDS[row["unit"]],
        price=row["rate_usd"],
        exact_usd=quantity * row["rate_usd"],
    )


def _line(
    site: Site,
    component: Component,
    charge: Document,
    *,
    quantity: Fraction,
    unit: str,
    price: Fraction | None,
    exact_usd: Fraction,
) -> Line:
    return Line(
        site=site.index,
        section="delivery",
        kind="delivery",
        component=component.code,
        bucket=charge["code"],
        label=charge["label"],
        quantity=quantity,
        unit=unit,
        unit_price_usd=price,
        amount_usd=to_cents(exact_usd),
        recurring=True,
        energy=False,
        taxes=component.taxes if charge["taxes"] is None else charge["taxes"],
    )
