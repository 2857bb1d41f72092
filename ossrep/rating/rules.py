"""How the quantity of a line follows from what was measured; one small rule for each way.

The rules work on columns of integers when bills are rated and on columns of fractions when the
averages of a facts label are computed, so that both come out of the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
"""Shape ``(n,)``: int64, or objects (int, Fraction)."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of ``n`` service points; columns of shape ``(n,)``.

    ``selected_wh`` holds the imports within each selector of the compiled plan, None where only
    registers are known; ``measured_w`` is None where demand is not.
    """

    import_wh: Column
    export_wh: Column
    selected_wh: Mapping[int, Column] | None
    measured_w: Column | None
    prior_peak_w: Column
    first_bill: Column
    final_bill: Column


class Rule(Protocol):
    """Gives the quantity of a line in units of ``1 / quantity_scale``; 0 drops the line."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``, at least 0."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """The same quantity for everyone: a share of a month, a number of days."""

    units: int

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        return np.full(measures.import_wh.shape, self.units, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class InBand:
    """A quantity for those whose imported Wh lie in ``[low_wh, high_wh]``, both included."""

    units: int
    low_wh: int
    high_wh: int | None

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        inside = measures.import_wh >= self.low_wh
        if self.high_wh is not None:
            inside = inside & (measures.import_wh <= self.high_wh)
        return inside.astype(np.int64) * self.units


@dataclass(frozen=True, slots=True)
class OnFirstBill:
    """1 on the first bill of a contract."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        return measures.first_bill.astype(np.int64)


@dataclass(frozen=True, slots=True)
class OnFinalBill:
    """1 on the final bill of a contract."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        return measures.final_bill.astype(np.int64)


@dataclass(frozen=True, slots=True)
class ImportedWh:
    """All imported Wh of the period."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        return measures.import_wh


@dataclass(frozen=True, slots=True)
class SelectedWh:
    """Imported Wh of a time-of-use bucket; the rows have intervals, else they were refused."""

    selector: int

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        if measures.selected_wh is None:
            return np.zeros_like(measures.import_wh)
        return measures.selected_wh[self.selector]


@dataclass(frozen=True, slots=True)
class WhOfDays:
    """Imported Wh of some local days: by intervals, or by share of the days with registers only.

    In units of 1/``share_denominator`` Wh, so that the share stays exact.
    """

    selector: int
    share_numerator: int
    share_denominator: int

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        if measures.selected_wh is None:
            return measures.import_wh * self.share_numerator
        return measures.selected_wh[self.selector] * self.share_denominator


@dataclass(frozen=True, slots=True)
class WhInTier:
    """Imported Wh between two cumulative bounds, all in units of 1/``scale`` Wh."""

    scale: int
    low: int
    high: int | None

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        above: Column = np.maximum(measures.import_wh * self.scale - self.low, 0)
        return above if self.high is None else np.minimum(above, self.high - self.low)


@dataclass(frozen=True, slots=True)
class BillingDemand:
    """Billing W times a share of the period: ``max(measured, ratchet x prior peak)``.

    The measured W are rounded to ``step_w`` first, the ratcheted W are not. In units of
    ``1 / (ratchet_denominator x share_denominator)`` W; the share is 1 but for a rate that
    changes inside the period.
    """

    step_w: int
    ratchet_numerator: int
    ratchet_denominator: int
    share_numerator: int = 1

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``; 0 where demand was not measured (those rows are refused)."""
        if measures.measured_w is None:
            return np.zeros_like(measures.import_wh)
        return self.billing_units(measures) * self.share_numerator

    def billing_units(self, measures: Measures) -> Column:
        """Billing W in units of ``1 / ratchet_denominator`` W, before the share."""
        measured = measures.measured_w
        if measured is None:
            return np.zeros_like(measures.import_wh)
        if self.step_w > 1:
            measured = (2 * measured + self.step_w) // (2 * self.step_w) * self.step_w
        measured = measured * self.ratchet_denominator
        if self.ratchet_numerator == 0:
            return measured
        billing: Column = np.maximum(measured, measures.prior_peak_w * self.ratchet_numerator)
        return billing


@dataclass(frozen=True, slots=True)
class ExportedWh:
    """All exported Wh of the period."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        return measures.export_wh


@dataclass(frozen=True, slots=True)
class MatchedWh:
    """Exported Wh up to the imported Wh of the period."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        matched: Column = np.minimum(measures.export_wh, measures.import_wh)
        return matched


@dataclass(frozen=True, slots=True)
class ExcessWh:
    """Exported Wh beyond the imported Wh of the period."""

    def quantity(self, measures: Measures) -> Column:
        """Shape ``(n,)``."""
        excess: Column = np.maximum(measures.export_wh - measures.import_wh, 0)
        return excess
