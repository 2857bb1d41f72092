"""Templates of lines, and the scales by which quantities and prices become cents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ossrep.kernel.money import scaled_price
from ossrep.rating.compiled import CompiledLine
from ossrep.rating.lines import LineTemplate, Section, Unit
from ossrep.rating.plan import Component, DemandRule
from ossrep.rating.rules import BillingDemand, Rule

CENTS_PER_E8 = Fraction(100, 10**8)
"""Cents of 10**-8 dollars."""

WH_PER_KWH = 1000
W_PER_KW = 1000
CENTS_PER_WH_E8 = CENTS_PER_E8 / WH_PER_KWH
"""Cents of Wh x 10**-8 dollars per kWh."""


def priced_line(
    component: Component,
    *,
    rule: Rule,
    price: Decimal,
    unit: Unit,
    quantity_scale: int,
    recipe: Mapping[str, Any],
    **differences: Any,
) -> CompiledLine:
    """A line of quantity x price; ``differences`` replace what follows from the component."""
    price_e8 = scaled_price(price)
    return CompiledLine(
        template=line_template(
            component,
            unit=unit,
            unit_price_e8=price_e8,
            quantity_scale=quantity_scale,
            recipe=recipe,
            **differences,
        ),
        rule=rule,
        cents_per_unit=price_e8 * CENTS_PER_E8 / quantity_scale,
    )


def line_template(component: Component, **differences: Any) -> LineTemplate:
    """A retailer's recurring line that is no energy line, but for ``differences``."""
    fields: dict[str, Any] = {
        "section": Section.RETAILER,
        "kind": component.kind,
        "component": component.code,
        "bucket": None,
        "label": component.label,
        "recurring": True,
        "energy": False,
        "taxes": component.taxes,
    }
    return LineTemplate(**(fields | differences))


def billing_demand(rule: DemandRule) -> BillingDemand:
    """The rule of billing kW; ``round_kw_decimals`` of 3 or more leaves whole W as they are."""
    decimals = 3 if rule.round_kw_decimals is None else min(rule.round_kw_decimals, 3)
    ratchet = Fraction(rule.ratchet_percent or 0) / 100
    return BillingDemand(
        step_w=10 ** (3 - decimals),
        ratchet_numerator=ratchet.numerator,
        ratchet_denominator=ratchet.denominator,
    )


def demand_recipe(rule: DemandRule) -> dict[str, Any]:
    """The standing part of a demand line's explanation."""
    return {
        "ratchet_percent": None if rule.ratchet_percent is None else str(rule.ratchet_percent),
        "round_kw_decimals": rule.round_kw_decimals,
    }
