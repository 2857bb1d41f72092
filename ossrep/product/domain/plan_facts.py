"""One number where a plan has many: what a list of plans shows of it. See docs/api."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ossrep.kernel.money import quantize_half_up
from ossrep.rating import (
    BaseChargeDaily,
    BaseChargeMonthly,
    Component,
    EflAssumptions,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    MinimumUsageFee,
    Plan,
    SolarBuyback,
    UsageCredit,
)

MONTH_KWH = Decimal(1000)
MONTH_DAYS = 30
RATE_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """``rate_usd_per_kwh`` without delivery and taxes; ``base_charge_usd`` of 30 days.

    ``renewable_percent`` is what the plan promises: 0 where it promises nothing.
    """

    rate_usd_per_kwh: Decimal
    base_charge_usd: Decimal
    features: tuple[str, ...]
    renewable_percent: Decimal


def summarize_plan(plan: Plan) -> PlanFacts:
    """The facts of a plan; several energy components add up."""
    rates = [_rate(component, plan.efl) for component in plan.components]
    return PlanFacts(
        rate_usd_per_kwh=quantize_half_up(Fraction(sum(rates, Decimal(0))), RATE_DECIMALS),
        base_charge_usd=sum(map(_base_charge, plan.components), Decimal(0)),
        features=tuple(dict.fromkeys(_features(plan))),
        renewable_percent=(plan.efl.renewable_percent if plan.efl else None) or Decimal(0),
    )


def _rate(component: Component, efl: EflAssumptions | None) -> Decimal:
    match component:
        case EnergyFlat():
            return component.price_usd_per_kwh
        case EnergyTiered():
            return _average_of_tiers(component)
        case EnergyTimeOfUse():
            return _average_of_buckets(component, efl)
        case EnergyIndexed():
            assumed = efl.assumed_index_usd_per_kwh if efl else {}
            return assumed.get(component.series, Decimal(0)) + component.adder_usd_per_kwh
        case _:
            return Decimal(0)


def _average_of_tiers(component: EnergyTiered) -> Decimal:
    cost, floor = Decimal(0), Decimal(0)
    for tier in component.tiers:
        bound = MONTH_KWH if tier.up_to_kwh is None else min(tier.up_to_kwh, MONTH_KWH)
        cost += max(bound - floor, Decimal(0)) * tier.price_usd_per_kwh
        floor = bound
    return cost / MONTH_KWH


def _average_of_buckets(component: EnergyTimeOfUse, efl: EflAssumptions | None) -> Decimal:
    """By the label's shares; a plan that prints none shows its dearest bucket."""
    prices = component.prices_usd_per_kwh
    shares = efl.bucket_shares.get(component.code) if efl else None
    if not shares:
        return max(prices.values())
    return sum((share * prices[bucket] for bucket, share in shares.items()), Decimal(0))


def _base_charge(component: Component) -> Decimal:
    match component:
        case BaseChargeMonthly():
            return component.amount_usd
        case BaseChargeDaily():
            return component.amount_usd_per_day * MONTH_DAYS
        case _:
            return Decimal(0)


def _features(plan: Plan) -> Iterator[str]:
    words: dict[type[Component], str] = {
        EnergyTiered: "Price by usage band",
        EnergyIndexed: "Follows the market price",
        UsageCredit: "Usage credit",
        MinimumUsageFee: "Minimum usage fee",
        SolarBuyback: "Solar buyback",
    }
    named = {"free_nights": "Free nights", "free_weekends": "Free weekends"}
    for component in plan.components:
        if isinstance(component, EnergyTimeOfUse):
            yield named.get(component.source_kind, "Price by time of use")
        elif type(component) in words:
            yield words[type(component)]
