"""What a solar buyback component becomes: earnings, and the lines by which they show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ossrep.kernel.money import cents, scaled_price
from ossrep.rating.compiled import CompiledBuyback, CompiledEarning, MarketPrice
from ossrep.rating.exact import price_text
from ossrep.rating.line_templates import CENTS_PER_WH_E8, WH_PER_KWH, line_template
from ossrep.rating.lines import Unit
from ossrep.rating.plan import BuybackMode, SolarBuyback
from ossrep.rating.rules import ExcessWh, ExportedWh, MatchedWh, Rule

SOLAR_CREDIT = "solar_credit"
SOLAR_CHARGE = "solar_charge"
SOLAR_BANK_USED = "solar_bank_used"


def compile_buyback(component: SolarBuyback) -> CompiledBuyback:
    """The earnings of a buyback in the order in which they offset, its lines and its bank."""
    bank = component.bank
    cap = None if bank is None or bank.cap_usd is None else cents(bank.cap_usd)
    return CompiledBuyback(
        earnings=_earnings(component),
        bank_used=line_template(
            component,
            kind=SOLAR_BANK_USED,
            label=f"{component.label}, from earlier months",
            unit=Unit.EACH,
            unit_price_e8=None,
            quantity_scale=1,
            recipe={"offset": str(component.offset)},
        ),
        offset=component.offset,
        has_bank=bank is not None,
        cap_cents=cap,
    )


def _earnings(component: SolarBuyback) -> tuple[CompiledEarning, ...]:
    if component.mode is BuybackMode.REAL_TIME:
        return (_market_earning(component),)
    price, excess = component.price_usd_per_kwh, component.excess_price_usd_per_kwh
    if component.mode is BuybackMode.FIXED:
        return (_priced_earning(component, None, ExportedWh(), price),)
    return (
        _priced_earning(component, "matched", MatchedWh(), price),
        _priced_earning(component, "excess", ExcessWh(), excess),
    )


def _priced_earning(
    component: SolarBuyback, bucket: str | None, rule: Rule, price: Decimal | None
) -> CompiledEarning:
    if price is None:
        raise ValueError(f"buyback {component.code} of mode {component.mode} has no price")
    price_e8 = scaled_price(price)
    recipe = {"mode": str(component.mode), "price_usd_per_kwh": price_text(price_e8)}
    return _earning(component, bucket, rule, Fraction(price_e8) * CENTS_PER_WH_E8, None, recipe)


def _market_earning(component: SolarBuyback) -> CompiledEarning:
    if component.series is None:
        raise ValueError(f"buyback {component.code} of mode real_time has no series")
    floor = component.floor_usd_per_kwh
    market = MarketPrice(
        series=component.series,
        adder_e8=scaled_price(component.adder_usd_per_kwh),
        floor_e8=None if floor is None else scaled_price(floor),
    )
    recipe = {
        "mode": str(component.mode),
        "series": component.series,
        "adder_usd_per_kwh": str(component.adder_usd_per_kwh),
        "floor_usd_per_kwh": None if floor is None else str(floor),
        "sum_of": "quarter-hour exported kWh x (price + adder), not below the floor",
    }
    return _earning(component, None, ExportedWh(), CENTS_PER_WH_E8, market, recipe)


def _earning(
    component: SolarBuyback,
    bucket: str | None,
    rule: Rule,
    cents_per_unit: Fraction,
    market: MarketPrice | None,
    recipe: Mapping[str, Any],
) -> CompiledEarning:
    suffix = "" if bucket is None else f", {bucket}"
    shared: dict[str, Any] = {
        "bucket": bucket,
        "unit": Unit.KWH,
        "unit_price_e8": None if market else int(cents_per_unit / CENTS_PER_WH_E8),
        "quantity_scale": WH_PER_KWH,
        "recipe": dict(recipe) | {"offset": str(component.offset)},
    }
    credit_label, charge_label = f"{component.label}{suffix}", f"{component.label}{suffix}, charge"
    return CompiledEarning(
        credit=line_template(component, kind=SOLAR_CREDIT, label=credit_label, **shared),
        charge=line_template(component, kind=SOLAR_CHARGE, label=charge_label, **shared),
        rule=rule,
        cents_per_unit=cents_per_unit,
        market=market,
    )
