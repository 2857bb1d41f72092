"""What each component becomes: its lines with their rules, rates and standing explanations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import singledispatch
from typing import Any

from ossrep.kernel.money import scaled_price
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.calendars import TouBucket, TouCalendar
from ossrep.rating.compiled import CompiledLine, MarketPrice
from ossrep.rating.exact import exact_text
from ossrep.rating.line_templates import (
    CENTS_PER_WH_E8,
    W_PER_KW,
    WH_PER_KWH,
    billing_demand,
    demand_recipe,
    line_template,
    priced_line,
)
from ossrep.rating.lines import Unit
from ossrep.rating.plan import (
    BaseChargeDaily,
    BaseChargeMonthly,
    Component,
    Delivery,
    Demand,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    MinimumUsageFee,
    OneOff,
    OneOffOn,
    Proration,
    UsageBand,
    UsageCredit,
    UsageFee,
)
from ossrep.rating.rules import (
    Always,
    ImportedWh,
    InBand,
    OnFinalBill,
    OnFirstBill,
    SelectedWh,
    WhInTier,
)
from ossrep.rating.selection import SelectionBuilder
from ossrep.rating.shares import period_share


@dataclass(frozen=True, slots=True)
class CompileContext:
    """The period, and the collector of quarter-hour selectors."""

    period: DatePeriod
    selections: SelectionBuilder


@singledispatch
def component_lines(component: Component, context: CompileContext) -> tuple[CompiledLine, ...]:
    """The lines of a component in printed order; delivery has none here, its tariff gives them."""
    raise TypeError(f"no rule for component kind {component.kind}")


@component_lines.register
def _(component: BaseChargeMonthly, context: CompileContext) -> tuple[CompiledLine, ...]:
    share = period_share(component.proration, context.period)
    return (
        priced_line(
            component,
            rule=Always(share.numerator),
            price=component.amount_usd,
            unit=Unit.MONTH,
            quantity_scale=share.denominator,
            recipe=_share_recipe(component.proration, share, context.period),
        ),
    )


@component_lines.register
def _(component: BaseChargeDaily, context: CompileContext) -> tuple[CompiledLine, ...]:
    return (
        priced_line(
            component,
            rule=Always(context.period.days),
            price=component.amount_usd_per_day,
            unit=Unit.DAY,
            quantity_scale=1,
            recipe={"start": str(context.period.start), "end": str(context.period.end)},
        ),
    )


@component_lines.register
def _(component: EnergyFlat, context: CompileContext) -> tuple[CompiledLine, ...]:
    return (
        priced_line(
            component,
            rule=ImportedWh(),
            price=component.price_usd_per_kwh,
            unit=Unit.KWH,
            quantity_scale=WH_PER_KWH,
            recipe={},
            energy=True,
        ),
    )


@component_lines.register
def _(component: EnergyTiered, context: CompileContext) -> tuple[CompiledLine, ...]:
    share = period_share(component.prorate_bounds, context.period)
    scale = share.denominator
    lines: list[CompiledLine] = []
    low = 0
    for number, tier in enumerate(component.tiers, start=1):
        high = None if tier.up_to_kwh is None else _wh(tier.up_to_kwh) * share.numerator
        lines.append(
            priced_line(
                component,
                rule=WhInTier(scale=scale, low=low, high=high),
                price=tier.price_usd_per_kwh,
                unit=Unit.KWH,
                quantity_scale=WH_PER_KWH * scale,
                recipe=_share_recipe(component.prorate_bounds, share, context.period)
                | {
                    "tier": number,
                    "from_kwh": exact_text(Fraction(low, WH_PER_KWH * scale)),
                    "to_kwh": None
                    if high is None
                    else exact_text(Fraction(high, WH_PER_KWH * scale)),
                },
                bucket=str(number),
                label=f"{component.label}, tier {number}",
                energy=True,
            )
        )
        low = high if high is not None else low
    return tuple(lines)


@component_lines.register
def _(component: EnergyTimeOfUse, context: CompileContext) -> tuple[CompiledLine, ...]:
    selectors = context.selections.buckets(component.calendar)
    return tuple(
        priced_line(
            component,
            rule=SelectedWh(selector),
            price=component.price_of(bucket),
            unit=Unit.KWH,
            quantity_scale=WH_PER_KWH,
            recipe=_bucket_recipe(bucket, component.calendar, context.period)
            | {"quarter_hours": context.selections.count(selector)},
            kind=component.source_kind,
            bucket=bucket.name,
            label=bucket.label,
            energy=True,
        )
        for bucket, selector in zip(component.calendar.all_buckets, selectors, strict=True)
    )


@component_lines.register
def _(component: EnergyIndexed, context: CompileContext) -> tuple[CompiledLine, ...]:
    template = line_template(
        component,
        unit=Unit.KWH,
        unit_price_e8=None,
        quantity_scale=WH_PER_KWH,
        recipe={
            "series": component.series,
            "adder_usd_per_kwh": str(component.adder_usd_per_kwh),
            "sum_of": "quarter-hour kWh x (price + adder)",
        },
        energy=True,
    )
    market = MarketPrice(component.series, scaled_price(component.adder_usd_per_kwh), None)
    return (CompiledLine(template, ImportedWh(), CENTS_PER_WH_E8, market),)


@component_lines.register(UsageCredit)
@component_lines.register(UsageFee)
def _(component: UsageCredit | UsageFee, context: CompileContext) -> tuple[CompiledLine, ...]:
    share = period_share(component.proration, context.period)
    band = component.band
    credit = isinstance(component, UsageCredit)
    return (
        priced_line(
            component,
            rule=_in_band(band, share),
            price=-component.amount_usd if credit else component.amount_usd,
            unit=Unit.MONTH,
            quantity_scale=share.denominator,
            recipe=_share_recipe(component.proration, share, context.period)
            | {
                "from_kwh": str(band.from_kwh),
                "to_kwh": None if band.to_kwh is None else str(band.to_kwh),
                "include_from": band.include_from,
                "include_to": band.include_to,
            },
        ),
    )


@component_lines.register
def _(component: MinimumUsageFee, context: CompileContext) -> tuple[CompiledLine, ...]:
    share = period_share(component.proration, context.period)
    band = UsageBand(to_kwh=component.below_kwh, include_to=component.include_limit)
    return (
        priced_line(
            component,
            rule=_in_band(band, share),
            price=component.amount_usd,
            unit=Unit.MONTH,
            quantity_scale=share.denominator,
            recipe=_share_recipe(component.proration, share, context.period)
            | {
                "below_kwh": str(component.below_kwh),
                "include_limit": component.include_limit,
            },
        ),
    )


@component_lines.register
def _(component: Demand, context: CompileContext) -> tuple[CompiledLine, ...]:
    rule = billing_demand(component.rule)
    return (
        priced_line(
            component,
            rule=rule,
            price=component.price_usd_per_kw,
            unit=Unit.KW,
            quantity_scale=W_PER_KW * rule.ratchet_denominator,
            recipe=demand_recipe(component.rule),
        ),
    )


@component_lines.register
def _(component: OneOff, context: CompileContext) -> tuple[CompiledLine, ...]:
    first = component.on is OneOffOn.FIRST_BILL
    return (
        priced_line(
            component,
            rule=OnFirstBill() if first else OnFinalBill(),
            price=component.amount_usd,
            unit=Unit.EACH,
            quantity_scale=1,
            recipe={"on": str(component.on)},
            recurring=False,
        ),
    )


@component_lines.register
def _(component: Delivery, context: CompileContext) -> tuple[CompiledLine, ...]:
    return ()


def _share_recipe(proration: Proration, share: Fraction, period: DatePeriod) -> dict[str, Any]:
    return {"proration": str(proration), "days": period.days, "share": exact_text(share)}


def _in_band(band: UsageBand, share: Fraction) -> InBand:
    low_wh = _wh(band.from_kwh) + (0 if band.include_from else 1)
    high_wh = None
    if band.to_kwh is not None:
        high_wh = _wh(band.to_kwh) - (0 if band.include_to else 1)
    return InBand(units=share.numerator, low_wh=low_wh, high_wh=high_wh)


def _wh(kwh: Decimal) -> int:
    return int(kwh * WH_PER_KWH)


def _bucket_recipe(bucket: TouBucket, calendar: TouCalendar, period: DatePeriod) -> dict[str, Any]:
    holidays: list[dt.date] = sorted(date for date in calendar.holidays if date in period)
    return {
        "bucket": bucket.name,
        "windows": [str(window) for window in bucket.windows] or "what no other window holds",
        "holidays": [str(date) for date in holidays],
    }
