"""What a line needs to explain one of its rows, and the whole explanation: the recipe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ossrep.kernel.errors import DomainError
from ossrep.rating.exact import ExactColumn, Scale, exact_text, money_text, price_text
from ossrep.rating.rules import BillingDemand, Column

if TYPE_CHECKING:
    from ossrep.rating.lines import LineTemplate, RatedBlock

KW = Scale.of(Fraction(1, 1000))
"""One W."""

ROUNDING = "once, half up to the cent, a tie away from zero"


class NoSuchLine(DomainError):
    """A recipe asked for a line that the row does not print."""

    code = "no_such_line"


class LineDetail(Protocol):
    """The part of a recipe that differs from row to row."""

    def explain(self, row: int) -> dict[str, str]:
        """Numbers as plain text, no word that JSON would have to escape."""
        ...


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """A line whose base, its quantity or a market sum, is worth ``usd`` a unit."""

    base: ExactColumn
    usd: Scale

    def explain(self, row: int) -> dict[str, str]:
        """The exact amount before rounding."""
        return {"exact_usd": self.usd.text(self.base.at(row))}


@dataclass(frozen=True, slots=True)
class DemandDetail:
    """A line of billing kW, with what the billing kW came from."""

    base: ExactColumn
    usd: Scale
    rule: BillingDemand
    measured_w: Column
    prior_peak_w: Column
    billing_units: Column

    def explain(self, row: int) -> dict[str, str]:
        """Measured, earlier and billing kW, and the exact amount before rounding."""
        billing = KW.worth / self.rule.ratchet_denominator
        return {
            "measured_kw": KW.text(int(self.measured_w[row])),
            "prior_peak_kw": KW.text(int(self.prior_peak_w[row])),
            "billing_kw": exact_text(int(self.billing_units[row]) * billing),
            "exact_usd": self.usd.text(self.base.at(row)),
        }


@dataclass(frozen=True, slots=True)
class EarningDetail:
    """A buyback credit or charge: what was earned, and what of it offsets this bill."""

    base: ExactColumn
    usd: Scale
    earned_cents: Column
    applied_cents: Column
    limit_cents: Column

    def explain(self, row: int) -> dict[str, str]:
        """The earning before and after its rounding, the limit, and what was applied."""
        return {
            "exact_earned_usd": self.usd.text(self.base.at(row)),
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

    def explain(self, row: int) -> dict[str, str]:
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

    def explain(self, row: int) -> dict[str, str]:
        """Nothing was computed."""
        return {}


def line_recipe(block: RatedBlock, row: int, line: int) -> dict[str, Any]:
    """The whole explanation of one printed line, JSON-ready and checkable by hand.

    Quantity, unit and unit price, what the component printed (bounds, windows, shares), the
    exact amount before rounding, the rounding, and the amount. Raises NoSuchLine for a line
    that the row does not print.
    """
    if not block.present[row, line]:
        raise NoSuchLine(f"row {row} prints no line {line}")
    template = block.templates[line]
    return {
        "quantity": _scale(template.quantity_scale).text(int(block.quantity[row, line])),
        **_standing(template),
        **block.details[line].explain(row),
        "rounding": ROUNDING,
        "amount_usd": money_text(int(block.amount_cents[row, line])),
    }


def recipe_texts(*, block: RatedBlock, line: int) -> list[str | None]:
    """The recipes of one line as JSON text for every row; None where the row does not print it.

    The same as ``line_recipe`` row by row, for those who store many.
    """
    template = block.templates[line]
    scale, detail = _scale(template.quantity_scale), block.details[line]
    standing = json.dumps(_standing(template))[1:-1]
    end = f'"rounding": "{ROUNDING}", "amount_usd": "'
    texts: list[str | None] = [None] * block.rows
    quantities = block.quantity[:, line].tolist()
    cents = block.amount_cents[:, line].tolist()
    for row in np.flatnonzero(block.present[:, line]).tolist():
        own = "".join([f'"{k}": "{text}", ' for k, text in detail.explain(row).items()])
        quantity, amount = scale.text(quantities[row]), money_text(cents[row])
        texts[row] = f'{{"quantity": "{quantity}", {standing}, {own}{end}{amount}"}}'
    return texts


def printed_quantity(block: RatedBlock, row: int, line: int) -> Fraction:
    """The exact quantity of a line in its template's unit."""
    return Fraction(int(block.quantity[row, line]), block.templates[line].quantity_scale)


def printed_price(block: RatedBlock, line: int) -> Decimal | None:
    """The unit price of a line in dollars; None where it varies within the line."""
    price = block.templates[line].unit_price_e8
    return None if price is None else Decimal(price).scaleb(-8)


def _standing(template: LineTemplate) -> dict[str, Any]:
    """What is the same in every row's recipe."""
    price = template.unit_price_e8
    return {
        "unit": str(template.unit),
        "unit_price_usd": None if price is None else price_text(price),
        **template.recipe,
    }


@lru_cache(maxsize=1024)
def _scale(quantity_scale: int) -> Scale:
    return Scale.of(Fraction(1, quantity_scale))
