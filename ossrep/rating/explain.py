"""What a line needs to explain one of its rows, and the whole explanation: the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from ossrep.kernel.errors import DomainError
from ossrep.rating.exact import ExactColumn, exact_text, money_text, price_text
from ossrep.rating.rules import BillingDemand, Column

if TYPE_CHECKING:
    from ossrep.rating.lines import RatedBlock

ROUNDING = "once, half up to the cent, a tie away from zero"


class NoSuchLine(DomainError):
    """A recipe asked for a line that the row does not print."""

    code = "no_such_line"


class LineDetail(Protocol):
    """The part of a recipe that differs from row to row."""

    def explain(self, row: int) -> dict[str, Any]:
        """JSON-ready; numbers that mean money or energy are strings."""
        ...


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """A line that is ``base x cents_per_unit``; the base is its quantity, or a market sum."""

    base: ExactColumn
    cents_per_unit: Fraction

    def explain(self, row: int) -> dict[str, Any]:
        """The exact amount before rounding."""
        return {"exact_usd": _exact_usd(self.base, self.cents_per_unit, row)}


@dataclass(frozen=True, slots=True)
class DemandDetail:
    """A line of billing kW, with what the billing kW came from."""

    base: ExactColumn
    cents_per_unit: Fraction
    rule: BillingDemand
    measured_w: Column
    prior_peak_w: Column
    billing_units: Column

    def explain(self, row: int) -> dict[str, Any]:
        """Measured, earlier and billing kW, and the exact amount before rounding."""
        billing_w = Fraction(int(self.billing_units[row]), self.rule.ratchet_denominator)
        return {
            "measured_kw": exact_text(Fraction(int(self.measured_w[row]), 1000)),
            "prior_peak_kw": exact_text(Fraction(int(self.prior_peak_w[row]), 1000)),
            "billing_kw": exact_text(billing_w / 1000),
            "exact_usd": _exact_usd(self.base, self.cents_per_unit, row),
        }


@dataclass(frozen=True, slots=True)
class EarningDetail:
    """A buyback credit or charge: what was earned, and what of it offsets this bill."""

    base: ExactColumn
    cents_per_unit: Fraction
    earned_cents: Column
    applied_cents: Column
    limit_cents: Column

    def explain(self, row: int) -> dict[str, Any]:
        """The earning before and after its rounding, the limit, and what was applied."""
        return {
            "exact_earned_usd": _exact_usd(self.base, self.cents_per_unit, row),
            "earned_usd": money_text(int(self.earned_cents[row])),
            "energy_lines_usd": money_text(int(self.limit_cents[row])),
            "applied_usd": money_text(int(self.applied_cents[row])),
        }


@dataclass(frozen=True, slots=True)
class BankDetail:
    """What came in, what was used of it, what goes on to the next bill."""

    in_cents: Column
    used_cents: Column
    out_cents: Column
    lost_cents: Column

    def explain(self, row: int) -> dict[str, Any]:
        """The bank of one row."""
        return {
            "bank_in_usd": money_text(int(self.in_cents[row])),
            "used_usd": money_text(int(self.used_cents[row])),
            "bank_out_usd": money_text(int(self.out_cents[row])),
            "lost_usd": money_text(int(self.lost_cents[row])),
        }


@dataclass(frozen=True, slots=True)
class ReceivedDetail:
    """An amount as the TDSP's invoice gave it."""

    def explain(self, row: int) -> dict[str, Any]:
        """Nothing to compute."""
        return {"as_received": True}


def line_recipe(block: RatedBlock, row: int, line: int) -> dict[str, Any]:
    """The whole explanation of one printed line, JSON-ready and checkable by hand.

    Quantity, unit and unit price, what the component printed (bounds, windows, shares), the
    exact amount before rounding, the rounding, and the amount. Raises NoSuchLine for a line
    that the row does not print.
    """
    if not block.present[row, line]:
        raise NoSuchLine(f"row {row} prints no line {line}")
    template = block.templates[line]
    quantity = Fraction(int(block.quantity[row, line]), template.quantity_scale)
    price = template.unit_price_e8
    return {
        "quantity": exact_text(quantity),
        "unit": str(template.unit),
        "unit_price_usd": None if price is None else price_text(price),
        **template.recipe,
        **block.details[line].explain(row),
        "rounding": ROUNDING,
        "amount_usd": money_text(int(block.amount_cents[row, line])),
    }


def printed_quantity(block: RatedBlock, row: int, line: int) -> Fraction:
    """The exact quantity of a line in its template's unit."""
    return Fraction(int(block.quantity[row, line]), block.templates[line].quantity_scale)


def printed_price(block: RatedBlock, line: int) -> Decimal | None:
    """The unit price of a line in dollars; None where it varies within the line."""
    price = block.templates[line].unit_price_e8
    return None if price is None else Decimal(price).scaleb(-8)


def _exact_usd(base: ExactColumn, cents_per_unit: Fraction, row: int) -> str:
    return exact_text(base.at(row) * cents_per_unit / 100)
