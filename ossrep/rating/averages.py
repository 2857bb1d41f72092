"""Prices that people read: the average on a bill, and the averages of a facts label."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.errors import DomainError
from ossrep.kernel.money import quantize_half_up
from ossrep.kernel.periods import DatePeriod
from ossrep.rating.compilation import compile_plan
from ossrep.rating.compiled import CompiledLine, CompiledPlan
from ossrep.rating.exact import INT64_MAX, half_up
from ossrep.rating.plan import Delivery, EflAssumptions, Plan, Tax
from ossrep.rating.rules import Column, Measures, SelectedWh
from ossrep.rating.tariff import MissingTariff, TariffRow

EFL_KWH_LEVELS = (500, 1000, 2000)
PUC_ASSESSMENT_RATE = Fraction(1, 600)
NO_AVERAGE_PRICE = -(2**63)
"""The average price of a row without imported energy."""

_LABEL_MONTH = DatePeriod(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
"""A month of 30 days without a clock change, on which every proration is 1."""
_LABEL_HOURS = 720
_WH_PER_KWH = 1000
_TENTH_CENTS_PER_KWH = 10 * _WH_PER_KWH
"""Cents per Wh in tenths of a cent per kWh."""


class LabelNotComputable(DomainError):
    """A label that needs an assumption which the plan does not print; the message names it."""

    code = "label_not_computable"


class AveragePriceTooLarge(DomainError):
    """An average that 64 bits do not hold: more than 10**15 dollars per kWh."""

    code = "average_price_too_large"


@dataclass(frozen=True, slots=True)
class LabelPrice:
    """The average price at one usage level, in cents per kWh: exact, and as printed."""

    kwh: int
    exact_cents: Fraction
    printed_cents: Decimal


def average_price_tenth_cents(
    *, recurring_cents: NDArray[np.int64], import_wh: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rounded recurring lines / imported kWh in tenths of a cent, half-up; int64 ``(n,)``.

    ``NO_AVERAGE_PRICE`` where nothing was imported. Raises AveragePriceTooLarge.
    Source: 16 TAC §25.479, one tenth of a cent.
    """
    price = np.full(recurring_cents.shape, NO_AVERAGE_PRICE, dtype=np.int64)
    used = import_wh > 0
    top_cents, top_wh = (
        int(np.abs(column).max(initial=0)) for column in (recurring_cents, import_wh)
    )
    if 2 * _TENTH_CENTS_PER_KWH * top_cents + 2 * top_wh > INT64_MAX:
        for row in np.flatnonzero(used).tolist():
            tenths = int(recurring_cents[row]) * _TENTH_CENTS_PER_KWH
            average = half_up(tenths, int(import_wh[row]))
            if abs(average) > INT64_MAX:
                raise AveragePriceTooLarge(f"row {row} comes to {average // 10} cents per kWh")
            price[row] = average
        return price
    wh, cents = import_wh[used], recurring_cents[used]
    magnitude = (2 * _TENTH_CENTS_PER_KWH * np.abs(cents) + wh) // (2 * wh)
    price[used] = np.where(cents < 0, -magnitude, magnitude)
    return price


def efl_average_prices(
    *,
    plan: Plan,
    tariff_rows: Sequence[TariffRow],
    kwh_levels: Sequence[int] = EFL_KWH_LEVELS,
    includes_puc_assessment: bool | None = None,
    puc_rate: Fraction = PUC_ASSESSMENT_RATE,
) -> dict[int, LabelPrice]:
    """The average prices of an Electricity Facts Label, by the code that rates bills.

    Exact recurring charges of a 30-day month / kWh, rounded once, half-up to 0.1 cent. Delivery
    from the rows in force on the label's date; buyback and one-off lines stay out. The PUC
    assessment counts where the plan's ``efl`` says so, or ``includes_puc_assessment``. Raises
    LabelNotComputable where an assumption is missing, MissingTariff where no row is in force.
    Source: 16 TAC §25.475(g).
    """
    compiled = compile_plan(
        plan=plan, period=_LABEL_MONTH, tariff_rows=_rows_of_label(plan, tariff_rows)
    )
    cents, puc_cents = _exact_cents(compiled, kwh_levels)
    flag = plan.efl is not None and plan.efl.includes_puc_assessment
    if flag if includes_puc_assessment is None else includes_puc_assessment:
        cents = cents + puc_cents * puc_rate
    averages = (Fraction(total) / kwh for total, kwh in zip(cents, kwh_levels, strict=True))
    return {
        kwh: LabelPrice(kwh, average, quantize_half_up(average, 1))
        for kwh, average in zip(kwh_levels, averages, strict=True)
    }


def _rows_of_label(plan: Plan, tariff_rows: Sequence[TariffRow]) -> tuple[TariffRow, ...]:
    """The rows in force on the label's date, as if they always were."""
    if not any(isinstance(component, Delivery) for component in plan.components):
        return ()
    date = None if plan.efl is None else plan.efl.label_date
    if date is None:
        raise LabelNotComputable(
            "the label needs the date whose delivery tariff it shows", where="efl.label_date"
        )
    day = DatePeriod.of_day(date)
    found = tuple(row for row in tariff_rows if row.span_in(day) is not None)
    if not found:
        raise MissingTariff(
            f"no tariff row is in force on the label's date {date}: load the tariff of that day",
            where="tariff",
        )
    return tuple(replace(row, from_date=_LABEL_MONTH.start, to_date=None) for row in found)


def _exact_cents(compiled: CompiledPlan, kwh_levels: Sequence[int]) -> tuple[Column, Column]:
    """Unrounded recurring cents of each level, and those that the PUC assessment reaches."""
    measures = _measures(compiled, kwh_levels)
    every = measures.import_wh * Fraction(0)
    assessed = every
    for part in compiled.parts:
        if not isinstance(part, CompiledLine) or not part.template.recurring:
            continue
        cents = _base(part, measures, compiled.plan.efl) * part.cents_per_unit
        every = every + cents
        if Tax.PUC in part.template.taxes:
            assessed = assessed + cents
    return every, assessed


def _base(part: CompiledLine, measures: Measures, efl: EflAssumptions | None) -> Column:
    component = part.template.component
    if part.market is not None:
        assumed = None if efl is None else efl.assumed_index_usd_per_kwh.get(part.market.series)
        if assumed is None:
            raise LabelNotComputable(
                f"an indexed plan needs the price of {part.market.series} that its label assumes",
                where=f"efl.assumed_index_usd_per_kwh.{part.market.series}",
            )
        price_e8 = Fraction(assumed) * 10**8 + part.market.adder_e8
        market_sum: Column = measures.import_wh * price_e8
        return market_sum
    if isinstance(part.rule, SelectedWh):
        shares = None if efl is None else efl.bucket_shares.get(component)
        if shares is None:
            raise LabelNotComputable(
                f"the label needs the shares of the buckets of {component}",
                where=f"efl.bucket_shares.{component}",
            )
        share = Fraction(shares[part.template.bucket or ""])
        bucket_wh: Column = measures.import_wh * share
        return bucket_wh
    return part.rule.quantity(measures)


def _measures(compiled: CompiledPlan, kwh_levels: Sequence[int]) -> Measures:
    import_wh = np.array([kwh * _WH_PER_KWH for kwh in kwh_levels], dtype=object)
    nothing = np.zeros(len(kwh_levels), dtype=np.int64)
    return Measures(
        import_wh=import_wh,
        export_wh=nothing,
        selected_wh=None,
        measured_w=_assumed_w(compiled, import_wh),
        prior_peak_w=nothing,
        first_bill=nothing,
        final_bill=nothing,
    )


def _assumed_w(compiled: CompiledPlan, import_wh: Column) -> Column | None:
    """W that the label assumes: Wh / (720 hours x load factor). No ratchet."""
    if not compiled.needs_demand:
        return None
    efl = compiled.plan.efl
    factor = None if efl is None else efl.assumed_load_factor
    if factor is None:
        raise LabelNotComputable(
            "demand is charged and the label assumes no load factor",
            where="efl.assumed_load_factor",
        )
    watts: Column = import_wh * (1 / (_LABEL_HOURS * Fraction(factor)))
    return watts
