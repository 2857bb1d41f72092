"""From a block of usage to the columns that the rules read, and the rows that cannot be rated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ossrep.rating.compiled import CompiledPlan
from ossrep.rating.intervals import IntervalSums, sum_intervals
from ossrep.rating.lines import Refusal, cleared
from ossrep.rating.rules import Measures
from ossrep.rating.selection import WHOLE, Selection
from ossrep.rating.usage import (
    CENTS_MAX,
    NO_PEAK_W,
    PEAK_W_MAX,
    WH_MAX,
    InvalidUsage,
    SiteFacts,
    UsageBlock,
)

QUARTER_HOURS_PER_HOUR = 4


def measure(
    compiled: CompiledPlan, usage: UsageBlock, facts: SiteFacts
) -> tuple[Measures, NDArray[np.int64], dict[int, Refusal]]:
    """The measures of each row, its peak W ``(n,)`` (``NO_PEAK_W`` where unknown), refusals.

    A refused row has zero usage in the measures, so that nothing computed from it can overflow.
    """
    if usage.period != compiled.period:
        raise InvalidUsage(f"usage of {usage.period} given to a plan of {compiled.period}")
    if facts.prior_peak_w.shape[0] != usage.rows:
        raise InvalidUsage(f"{usage.rows} rows of usage, {facts.prior_peak_w.shape[0]} of facts")
    refusals: dict[int, Refusal] = {}
    imports = _imports(compiled, usage, refusals)
    if imports is None:
        import_wh = _registers(usage.register_import_wh, "import", usage.rows, refusals)
        peak_w, selected = _register_peak(compiled, usage, refusals), None
    else:
        import_wh = imports.selected_wh[:, WHOLE]
        peak_w = imports.highest_wh * QUARTER_HOURS_PER_HOUR
        selected = {s: imports.selected_wh[:, s] for s in range(imports.selected_wh.shape[1])}
    export_wh = _exports(compiled, usage, refusals)
    _refuse_outside(import_wh, 0, WH_MAX, "imported Wh", refusals)
    _refuse_outside(export_wh, 0, WH_MAX, "exported Wh", refusals)
    _refuse_outside(facts.prior_peak_w, 0, PEAK_W_MAX, "prior_peak_w", refusals)
    _refuse_outside(facts.bank_in_cents, 0, CENTS_MAX, "bank_in_cents", refusals)
    known_w = np.maximum(peak_w, 0) if (peak_w < 0).any() else peak_w
    measures = Measures(
        import_wh=import_wh,
        export_wh=export_wh,
        selected_wh=selected,
        measured_w=known_w,
        prior_peak_w=facts.prior_peak_w,
        first_bill=facts.first_bill,
        final_bill=facts.final_bill,
    )
    return (_without(measures, list(refusals)) if refusals else measures), peak_w, refusals


def _imports(
    compiled: CompiledPlan, usage: UsageBlock, refusals: dict[int, Refusal]
) -> IntervalSums | None:
    if usage.import_wh is not None:
        sums = sum_intervals(
            usage.import_wh, compiled.selection, period=usage.period, channel="import"
        )
        refusals.update(sums.refusals)
        return sums
    if compiled.needs_intervals:
        reason = Refusal(
            "intervals_needed",
            "the plan's prices need quarter hours and only registers are known: load intervals",
        )
        refusals.update(dict.fromkeys(range(usage.rows), reason))
    return None


def _exports(
    compiled: CompiledPlan, usage: UsageBlock, refusals: dict[int, Refusal]
) -> NDArray[np.int64]:
    if usage.export_wh is None:
        export_wh = _registers(usage.register_export_wh, "export", usage.rows, refusals)
        if compiled.needs_export_intervals:
            for row in np.flatnonzero(export_wh).tolist():
                refusals.setdefault(
                    row,
                    Refusal(
                        "intervals_needed",
                        "a real-time buyback needs quarter hours of export and only a register "
                        "is known: load intervals",
                    ),
                )
        return export_wh
    whole = Selection.whole(usage.export_wh.shape[1])
    sums = sum_intervals(usage.export_wh, whole, period=usage.period, channel="export")
    for row, reason in sums.refusals.items():
        refusals.setdefault(row, reason)
    return sums.selected_wh[:, WHOLE]


def _registers(
    wh: NDArray[np.int64] | None, channel: str, rows: int, refusals: dict[int, Refusal]
) -> NDArray[np.int64]:
    if wh is None:
        return np.zeros(rows, dtype=np.int64)
    for row in np.flatnonzero(wh < 0).tolist():
        refusals.setdefault(
            row,
            Refusal(
                "negative_usage",
                f"the {channel} register gives {int(wh[row])} Wh: usage is never negative",
            ),
        )
    return wh


def _register_peak(
    compiled: CompiledPlan, usage: UsageBlock, refusals: dict[int, Refusal]
) -> NDArray[np.int64]:
    peak_w = usage.register_peak_w
    if peak_w is None:
        peak_w = np.full(usage.rows, NO_PEAK_W, dtype=np.int64)
    _refuse_outside(peak_w, NO_PEAK_W, PEAK_W_MAX, "register_peak_w", refusals)
    if compiled.needs_demand:
        for row in np.flatnonzero(peak_w < 0).tolist():
            refusals.setdefault(
                row,
                Refusal(
                    "demand_needed",
                    "the plan or the tariff charges kW and no demand is known: give the peak",
                ),
            )
    return peak_w


def _refuse_outside(
    column: NDArray[np.int64], low: int, high: int, name: str, refusals: dict[int, Refusal]
) -> None:
    outside = (column < low) | (column > high)
    if outside.any():
        for row in np.flatnonzero(outside).tolist():
            message = f"{name} is {int(column[row])}, outside {low} to {high}: correct it"
            refusals.setdefault(row, Refusal("implausible_value", message))


def _without(measures: Measures, rows: list[int]) -> Measures:
    selected = measures.selected_wh
    return replace(
        measures,
        import_wh=cleared(measures.import_wh, rows),
        export_wh=cleared(measures.export_wh, rows),
        selected_wh=None
        if selected is None
        else {s: cleared(c, rows) for s, c in selected.items()},
        measured_w=None if measures.measured_w is None else cleared(measures.measured_w, rows),
        prior_peak_w=cleared(measures.prior_peak_w, rows),
    )
