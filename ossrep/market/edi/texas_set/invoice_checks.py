"""Arithmetic and dates that a receiver of an invoice checks; each fault has the code of its 824.

Whether a fault rejects the invoice, or only holds it, is decided by who receives it (RMG 9 D2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Protocol

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_codes import (
    find_charge_code,
    invoice_purpose_name,
    signed_amount,
)
from ossrep.market.edi.texas_set.usage_codes import is_energy

_CENT: Final = Decimal("0.01")
_SEGMENTS_OF_MONEY: Final = frozenset({"IT1", "SLN", "SAC", "TXI", "TDS"})

Period = tuple[dt.date, dt.date]
"""Local dates ``[start, end)``."""


class Billed(Protocol):
    """A charge with what it is billed on."""

    @property
    def code(self) -> str:
        """SAC04."""

    @property
    def unit(self) -> str:
        """SAC09."""

    @property
    def quantity(self) -> Decimal | None:
        """SAC10."""


def check_invoice(
    invoice: DeliveryInvoice, *, original_total: Decimal | None = None
) -> tuple[Fault, ...]:
    """Everything that does not add up; ``original_total`` is that of the invoice it cancels."""
    faults = [
        *_number(invoice),
        *_lines(invoice),
        *_total(invoice),
        *_dates(invoice),
        *_cancel(invoice, original_total),
        *_texts(invoice),
        *_unplaced(invoice),
    ]
    return tuple(sorted(set(faults), key=lambda fault: (fault.code, fault.message)))


def check_against_usage(
    *,
    billed: Iterable[Billed],
    periods: Iterable[Period],
    usage_period: Period | None,
    import_kwh: Decimal | None,
) -> tuple[Fault, ...]:
    """Service dates other than the usage's (DDM), and energy billed on other kWh (A13, a hold).

    ``billed`` are the charges, ``periods`` the dates that the invoice is for, ``[start, end)``.
    """
    found = {*_usage_dates(periods, usage_period), *_usage_energy(billed, import_kwh)}
    return tuple(sorted(found, key=lambda fault: (fault.code, fault.message)))


def check_cancel_total(*, total: Decimal, original_total: Decimal) -> tuple[Fault, ...]:
    """CAO where a cancel's total is not the original's, with either sign (which has no source)."""
    if abs(total) == abs(original_total):
        return ()
    message = "the cancel's total is not the original's"
    return (_fault("CAO", message, "3.7, RMG 9 D2", original_total, total, "TDS"),)


def list_unmapped_codes(invoice: DeliveryInvoice) -> tuple[str, ...]:
    """Charge codes that no list has: a person maps them, nobody guesses."""
    return tuple(
        sorted({c.code for _, _, c in invoice.lines() if find_charge_code(c.code) is None})
    )


def _fault(
    code: str, message: str, rule: str, expected: object, found: object, tag: str = "SAC"
) -> Fault:
    return Fault(
        code=code, message=message, tag=tag, rule=rule, expected=str(expected), found=str(found)
    )


def _number(invoice: DeliveryInvoice) -> Iterator[Fault]:
    if not invoice.reference.strip():
        yield _fault("I76", "the invoice number is missing", "7.3", "a number", "", "BIG")


def _lines(invoice: DeliveryInvoice) -> Iterator[Fault]:
    """SAC08 x SAC10 = SAC05, half a cent away from zero."""
    for number, (_, _, charge) in enumerate(invoice.lines(), start=1):
        if charge.rate is None or charge.quantity is None:
            continue
        expected = (charge.rate * charge.quantity).quantize(_CENT, ROUND_HALF_UP)
        if expected != charge.amount:
            message = f"line {number} {charge.code}: rate x quantity is not the amount"
            yield _fault("SSS", message, "5.5.1, RMG 9 D2", expected, charge.amount)


def _total(invoice: DeliveryInvoice) -> Iterator[Fault]:
    total = Decimal()
    for number, (_, _, charge) in enumerate(invoice.lines(), start=1):
        amount = signed_amount(charge)
        if amount is None:
            message = f"line {number} {charge.code}: neither charge nor allowance"
            yield _fault("SUM", message, "5.3", "C or A", charge.indicator)
            return
        total += amount
    if total != invoice.total:
        message = "the lines do not add up to the total"
        yield _fault("SUM", message, "5.5.2, RMG 9 D2", invoice.total, total, "TDS")
    if invoice.line_count not in (None, len(invoice.items)):
        message = "the number of items is not the number counted"
        yield _fault("SUM", message, "5.4", invoice.line_count, len(invoice.items), "CTT")


def _dates(invoice: DeliveryInvoice) -> Iterator[Fault]:
    for item in invoice.items:
        if item.start and item.end and item.start.date > item.end.date:
            message = f"item {item.line} starts after it ends"
            yield _fault("ASP", message, "RMG 9 D2", item.end.date, item.start.date, "DTM")


def _cancel(invoice: DeliveryInvoice, original_total: Decimal | None) -> Iterator[Fault]:
    if original_total is not None and invoice_purpose_name(invoice.purpose) == "cancel":
        yield from check_cancel_total(total=invoice.total, original_total=original_total)


def _texts(invoice: DeliveryInvoice) -> Iterator[Fault]:
    for number, (_, _, charge) in enumerate(invoice.lines(), start=1):
        known = find_charge_code(charge.code)
        if known is not None and known.needs_text and not charge.text:
            message = f"line {number} {charge.code}: the text that this code needs is missing"
            yield _fault("A13", message, "5.3 SAC15", "a text", "")


def _unplaced(invoice: DeliveryInvoice) -> Iterator[Fault]:
    """Money that stands where no table expects it is counted nowhere: a person has to look."""
    for placed in invoice.unknown:
        if placed.segment and placed.segment[0] in _SEGMENTS_OF_MONEY:
            text = "*".join(placed.segment)
            message = f"money that no table places: {text[:60]}"
            yield _fault(
                "A13", message, "guides/810_02.yaml", "a place", text[:80], placed.segment[0]
            )


def _usage_dates(periods: Iterable[Period], usage: Period | None) -> Iterator[Fault]:
    for found in periods:
        if usage is not None and found != usage:
            message = "charges are not for the dates of the usage"
            expected, told = (f"{start}..{end}" for start, end in (usage, found))
            yield _fault("DDM", message, "7.1, RMG 9 D2", expected, told, "DTM")


def _usage_energy(billed: Iterable[Billed], kwh: Decimal | None) -> Iterator[Fault]:
    """A code may have several lines where its price changed within the period: their sum counts."""
    if kwh is None:
        return
    lines: dict[str, list[tuple[int, Decimal]]] = {}
    for number, charge in enumerate(billed, start=1):
        if is_energy(charge.unit) and charge.quantity is not None:
            lines.setdefault(charge.code, []).append((number, charge.quantity))
    for code, found in lines.items():
        total = sum((quantity for _, quantity in found), Decimal())
        if total == kwh or all(quantity == kwh for _, quantity in found):
            continue
        numbers = ", ".join(str(number) for number, _ in found)
        message = f"line {numbers} {code}: billed on other kWh than the usage has"
        yield _fault("A13", message, "5.5.4, 7.3", f"{kwh.normalize():f}", total)
