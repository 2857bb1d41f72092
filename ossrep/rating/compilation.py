"""Compiling: all that depends on the plan, the period and the tariff, and on no service point."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.kernel.errors import DomainError
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.buyback_lines import compile_buyback
from ossrep.rating.compiled import CompiledBuyback, CompiledLine, CompiledPlan
from ossrep.rating.component_lines import CompileContext, component_lines
from ossrep.rating.delivery_lines import delivery_lines
from ossrep.rating.plan import Delivery, Plan, SolarBuyback
from ossrep.rating.rules import BillingDemand, SelectedWh
from ossrep.rating.selection import SelectionBuilder
from ossrep.rating.tariff import TariffRow

PERIOD_DAYS_MAX = 366


class PeriodTooLong(DomainError):
    """A period of more than a year; exact arithmetic relies on the limit."""

    code = "period_too_long"


def check_length(period: DatePeriod) -> None:
    """Raises PeriodTooLong where the period is longer than can be rated at once."""
    if period.days > PERIOD_DAYS_MAX:
        raise PeriodTooLong(
            f"{period} has {period.days} days, at most {PERIOD_DAYS_MAX} can be rated at once",
            where="period",
        )


def compile_plan(
    *,
    plan: Plan,
    period: DatePeriod,
    tariff_rows: Sequence[TariffRow],
    received_delivery: bool = False,
) -> CompiledPlan:
    """A plan made ready for all service points that share a period and a tariff; cacheable.

    Delivery lines come from ``tariff_rows``, which must cover the period, unless the plan passes
    no delivery through or ``received_delivery`` says that the TDSP's own amounts will be added
    (``with_received_delivery``). Raises MissingTariff, PeriodTooLong.
    """
    check_length(period)
    context = CompileContext(period, SelectionBuilder(period))
    parts: list[CompiledLine | CompiledBuyback] = []
    for component in plan.components:
        if isinstance(component, SolarBuyback):
            parts.append(compile_buyback(component))
        else:
            parts.extend(component_lines(component, context))
    delivery = next((c for c in plan.components if isinstance(c, Delivery)), None)
    if delivery is not None and not received_delivery:
        parts.extend(delivery_lines(delivery, tariff_rows, context))
    lines = [part for part in parts if isinstance(part, CompiledLine)]
    earnings = [e for part in parts if isinstance(part, CompiledBuyback) for e in part.earnings]
    return CompiledPlan(
        plan=plan,
        period=period,
        parts=tuple(parts),
        selection=context.selections.build(),
        needs_intervals=any(line.market or isinstance(line.rule, SelectedWh) for line in lines),
        needs_export_intervals=any(earning.market for earning in earnings),
        needs_demand=any(isinstance(line.rule, BillingDemand) for line in lines),
        delivery=delivery,
    )
