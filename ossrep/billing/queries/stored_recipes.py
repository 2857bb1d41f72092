"""The recipe of a stored line: what its template says, and what is its own."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ossrep.billing.models import InvoiceLine
from ossrep.kernel.money import cents
from ossrep.rating.exact import exact_text, money_text
from ossrep.rating.explain import ROUNDING


def recipe_of(line: InvoiceLine) -> Mapping[str, Any]:
    """The whole recipe of a stored line: its template's part, its own, quantity and amount."""
    template = line.template
    quantity = Fraction(line.quantity, template.quantity_scale)
    price = template.unit_price_usd
    own: Mapping[str, Any] = line.recipe or {
        "exact_usd": exact_text(quantity * Fraction(price or 0))
    }
    return {
        "quantity": exact_text(quantity),
        "unit": template.unit,
        "unit_price_usd": None if price is None else exact_text(Fraction(price)),
        **template.recipe,
        **own,
        "rounding": ROUNDING,
        "amount_usd": money_text(cents(line.amount_usd)),
    }
