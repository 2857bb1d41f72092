"""A plan's components in words that an operator reads without the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ossrep.rating import (
    BaseChargeDaily,
    BaseChargeMonthly,
    BuybackMode,
    Component,
    Demand,
    DemandRule,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    MinimumUsageFee,
    Offset,
    OneOff,
    OneOffOn,
    Plan,
    Proration,
    SolarBuyback,
    UsageBand,
    UsageCredit,
    UsageFee,
)

_SHARES = {
    Proration.NONE: "",
    Proration.DAYS_OVER_30_CAPPED: ", prorated by days / 30 up to a whole month",
    Proration.DAYS_OVER_30: ", prorated by days / 30",
    Proration.CALENDAR_MONTH: ", prorated by calendar month",
}


@dataclass(frozen=True, slots=True)
class ComponentWords:
    """One component: its code, the text on the bill, and what it costs, line by line."""

    code: str
    label: str
    lines: tuple[str, ...]


def describe_plan(plan: Plan) -> list[ComponentWords]:
    """Every component in printed order."""
    return [
        ComponentWords(component.code, component.label, tuple(_lines(component)))
        for component in plan.components
    ]


def dollars_text(amount: Decimal) -> str:
    """``$4.95``, ``$0.1119``, ``-$25.00``: at least two decimals, no digit lost."""
    text = f"{abs(amount).normalize():f}"
    whole, _, decimals = text.partition(".")
    return f"{'-' if amount < 0 else ''}${whole}.{decimals.ljust(2, '0')}"


def _lines(component: Component) -> Iterator[str]:
    yield from _costs(component)
    if len(component.taxes) < 3:
        reached = ", ".join(sorted(component.taxes)) or "none"
        yield f"taxes that reach it: {reached}"


def _costs(component: Component) -> Iterator[str]:
    match component:
        case BaseChargeMonthly():
            yield f"{dollars_text(component.amount_usd)} a month{_SHARES[component.proration]}"
        case BaseChargeDaily():
            yield f"{dollars_text(component.amount_usd_per_day)} a day"
        case EnergyFlat():
            yield f"{dollars_text(component.price_usd_per_kwh)} per kWh"
        case EnergyTiered():
            yield from _tiers(component)
        case EnergyTimeOfUse():
            yield from _buckets(component)
        case EnergyIndexed():
            yield (
                f"price of {component.series} in each interval plus "
                f"{dollars_text(component.adder_usd_per_kwh)} per kWh"
            )
        case UsageCredit() | UsageFee():
            what = "credit" if isinstance(component, UsageCredit) else "fee"
            amount = dollars_text(component.amount_usd)
            yield f"{what} of {amount} {_band(component.band)}{_SHARES[component.proration]}"
        case MinimumUsageFee():
            limit = "up to" if component.include_limit else "below"
            amount = dollars_text(component.amount_usd)
            share = _SHARES[component.proration]
            yield f"fee of {amount} {limit} {component.below_kwh:f} kWh{share}"
        case Demand():
            yield f"{dollars_text(component.price_usd_per_kw)} per kW{_demand(component.rule)}"
        case OneOff():
            bill = "first" if component.on is OneOffOn.FIRST_BILL else "final"
            yield f"{dollars_text(component.amount_usd)} once, on the {bill} bill"
        case SolarBuyback():
            yield from _buyback(component)
        case _:
            yield "the TDSP's charges, passed through"


def _tiers(component: EnergyTiered) -> Iterator[str]:
    floor = Decimal(0)
    for tier in component.tiers:
        price = f"{dollars_text(tier.price_usd_per_kwh)} per kWh"
        if tier.up_to_kwh is None:
            yield f"{price} above {floor:f} kWh" if floor else price
        else:
            yield f"{price} from {floor:f} to {tier.up_to_kwh:f} kWh"
            floor = tier.up_to_kwh
    if component.prorate_bounds is not Proration.NONE:
        yield f"bounds{_SHARES[component.prorate_bounds].removeprefix(',')}"


def _buckets(component: EnergyTimeOfUse) -> Iterator[str]:
    for bucket in component.calendar.all_buckets:
        hours = "; ".join(map(str, bucket.windows)) or "all other hours"
        yield f"{bucket.name}: {dollars_text(component.price_of(bucket))} per kWh, {hours}"
    holidays = sorted(component.calendar.holidays)
    if holidays:
        yield f"holidays: {', '.join(map(str, holidays))}"


def _band(band: UsageBand) -> str:
    low = f"{'from' if band.include_from else 'above'} {band.from_kwh:f}"
    if band.to_kwh is None:
        return f"{low} kWh"
    high = f"{'up to' if band.include_to else 'below'} {band.to_kwh:f}"
    return f"{high} kWh" if not band.from_kwh and band.include_from else f"{low} {high} kWh"


def _demand(rule: DemandRule) -> str:
    parts = ["highest quarter hour x 4"]
    if rule.round_kw_decimals is not None:
        parts.append(f"rounded to {rule.round_kw_decimals} decimals")
    if rule.ratchet_percent is not None:
        parts.append(f"at least {rule.ratchet_percent:f} % of the 11 months before")
    return ", " + ", ".join(parts)


def _buyback(component: SolarBuyback) -> Iterator[str]:
    price = component.price_usd_per_kwh or Decimal(0)
    match component.mode:
        case BuybackMode.FIXED:
            yield f"pays {dollars_text(price)} per exported kWh"
        case BuybackMode.NET_ONE_TO_ONE:
            excess = component.excess_price_usd_per_kwh or Decimal(0)
            yield (
                f"pays {dollars_text(price)} per exported kWh up to the imported kWh, "
                f"{dollars_text(excess)} for the rest"
            )
        case BuybackMode.REAL_TIME:
            adder = dollars_text(component.adder_usd_per_kwh)
            yield f"pays the price of {component.series} in each interval plus {adder} per kWh"
            if component.floor_usd_per_kwh is not None:
                yield f"never below {dollars_text(component.floor_usd_per_kwh)} per kWh"
    everything = component.offset is Offset.ALL
    yield f"offsets {'the whole bill' if everything else 'the energy charges'}"
    if component.bank is None:
        yield "what is left over is lost"
    elif component.bank.cap_usd is None:
        yield "what is left over is banked"
    else:
        yield f"what is left over is banked up to {dollars_text(component.bank.cap_usd)}"
