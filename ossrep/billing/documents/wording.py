"""Numbers and dates as a customer reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ossrep.billing.documents.content import DocumentLine
from ossrep.kernel.money import dollars

PRODUCT_TYPES = {"fixed": "fixed price", "variable": "variable price", "indexed": "indexed price"}
_UNITS = {"kwh": "kWh", "kw": "kW", "day": "days", "month": "month"}


def money(cents: int) -> str:
    """``$1,234.50``; a credit as ``-$3.00``."""
    return f"{'-' if cents < 0 else ''}${dollars(abs(cents)):,}"


def day(date: dt.date) -> str:
    """``Aug 3, 2026``."""
    return f"{date:%b} {date.day}, {date.year}"


def thousandths(value: int) -> str:
    """``1,136`` or ``386.25``: kWh of whole Wh, kW of whole W, without trailing zeros."""
    return plain(Decimal(value).scaleb(-3))


def round_kwh(wh: int) -> str:
    """Whole kWh, half-up: for charts only."""
    return f"{(wh + 500) // 1000:,}"


def plain(value: Decimal) -> str:
    """A decimal with thousands separators and without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def line_detail(line: DocumentLine) -> str:
    """``803 kWh at 14.4¢``; nothing for a single fee or credit."""
    if line.unit == "each":
        return ""
    number = plain(line.quantity) if isinstance(line.quantity, Decimal) else line.quantity
    price = line.unit_price_usd
    if price is None:
        return f"{number} {_UNITS[line.unit]}, price varies"
    return f"{number} {_UNITS[line.unit]} at {unit_price(price, line.unit)}"


def unit_price(price: Decimal, unit: str) -> str:
    """Cents for energy, dollars for all else."""
    if unit == "kwh":
        return f"{plain(price * 100)}¢"
    sign, size = ("-" if price < 0 else ""), abs(price)
    in_cents = size == size.quantize(Decimal("0.01"))
    return f"{sign}${size:,.2f}" if in_cents else f"{sign}${plain(size)}"
