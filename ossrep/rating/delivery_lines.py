"""The lines of a TDSP's tariff, rates that change inside the period included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ossrep.kernel.periods import DatePeriod
from ossrep.rating.compiled import CompiledLine
from ossrep.rating.component_lines import CompileContext
from ossrep.rating.exact import exact_text
from ossrep.rating.line_templates import (
    W_PER_KW,
    WH_PER_KWH,
    billing_demand,
    demand_recipe,
    priced_line,
)
from ossrep.rating.lines import Section, Unit
from ossrep.rating.plan import Delivery
from ossrep.rating.rules import Always, ImportedWh, Rule, WhOfDays
from ossrep.rating.shares import period_share
from ossrep.rating.tariff import TariffRow, rows_in_force


def delivery_lines(
    component: Delivery, tariff_rows: Sequence[TariffRow], context: CompileContext
) -> tuple[CompiledLine, ...]:
    """One line for each row in force, in the tariff's order. Raises MissingTariff."""
    found = rows_in_force(tariff_rows=tariff_rows, period=context.period)
    return tuple(_line(component, row, span, context) for row, span in found)


def _line(
    component: Delivery, row: TariffRow, span: DatePeriod, context: CompileContext
) -> CompiledLine:
    rule, quantity_scale, recipe = _quantity(row, span, context)
    dates = {"from": str(row.from_date), "to": None if row.to_date is None else str(row.to_date)}
    return priced_line(
        component,
        rule=rule,
        price=row.rate_usd,
        unit=row.unit,
        quantity_scale=quantity_scale,
        recipe={"tariff_code": row.code, "in_force": dates, "days": span.days} | recipe,
        section=Section.DELIVERY,
        bucket=row.code,
        label=row.label,
        taxes=component.taxes if row.taxes is None else row.taxes,
    )


def _quantity(
    row: TariffRow, span: DatePeriod, context: CompileContext
) -> tuple[Rule, int, dict[str, Any]]:
    """The rule, its scale, and its explanation.

    A row in force for a part of the period counts its own days and their kWh; months and kW go
    by days in force / days of the period.
    """
    part = Fraction(span.days, context.period.days)
    if row.unit is Unit.DAY:
        return Always(span.days), 1, {}
    if row.unit is Unit.MONTH:
        share = period_share(row.proration, context.period) * part
        recipe = {"proration": str(row.proration), "share": exact_text(share)}
        return Always(share.numerator), share.denominator, recipe
    if row.unit is Unit.KW:
        demand = replace(billing_demand(row.demand), share_numerator=part.numerator)
        scale = W_PER_KW * demand.ratchet_denominator * part.denominator
        return demand, scale, demand_recipe(row.demand) | {"share": exact_text(part)}
    if part == 1:
        return ImportedWh(), WH_PER_KWH, {}
    selector = context.selections.days(span.start, span.end)
    rule = WhOfDays(selector, part.numerator, part.denominator)
    return rule, WH_PER_KWH * part.denominator, {"share_of_days": exact_text(part)}
