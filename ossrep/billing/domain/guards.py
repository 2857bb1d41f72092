"""Guards before release: what makes a bill so unlikely that a person must look at it first.

Every limit is data (``guard_threshold``), by customer class. A guard compares columns of bills
and answers which of them it stops; it never changes a bill.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ANY_CLASS = "*"
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits by (code, customer class), scaled by 10**4; a limit that is switched off is absent."""

    scaled: Mapping[tuple[str, str], int]

    def column(self, code: str, classes: Sequence[str]) -> NDArray[np.int64] | None:
        """The limit of each bill; ``OFF`` where none applies, None when none applies to any."""
        by_class = {c: self.scaled.get((code, c)) for c in set(classes)}
        rest = self.scaled.get((code, ANY_CLASS))
        found = {c: rest if limit is None else limit for c, limit in by_class.items()}
        if all(limit is None for limit in found.values()):
            return None
        limits = {c: OFF if limit is None else limit for c, limit in found.items()}
        return np.array([limits[c] for c in classes], dtype=np.int64)


OFF = -1
SCALE = 10_000


@dataclass(frozen=True, slots=True)
class BillColumns:
    """``n`` bills: customer classes, totals in cents, Wh, days, what is usual, and marks.

    ``usual_wh_per_day`` is the mean of earlier periods, -1 where there are none;
    ``register_wh`` the market's own sum, -1 where it is not known; ``cliff_distance_wh`` how far
    estimated usage is from the nearest threshold of a usage credit or fee, -1 where none.
    """

    classes: Sequence[str]
    total_cents: NDArray[np.int64]
    import_wh: NDArray[np.int64]
    days: NDArray[np.int64]
    usual_wh_per_day: NDArray[np.int64]
    register_wh: NDArray[np.int64]
    cliff_distance_wh: NDArray[np.int64]
    is_first: Mask
    is_final: Mask


def amount_too_high(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """Current charges above the limit in dollars."""
    stopped: Mask = (limits != OFF) & (bills.total_cents * (SCALE // 100) > limits)
    return stopped


def credit_too_high(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """A bill that pays the customer more than the limit in dollars."""
    stopped: Mask = (limits != OFF) & (-bills.total_cents * (SCALE // 100) > limits)
    return stopped


def usage_jump(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """More a day than the limit times what is usual; a small household's kWh do not count."""
    usual = bills.usual_wh_per_day
    a_day = bills.import_wh // np.maximum(bills.days, 1)
    large = a_day > JUMP_FLOOR_WH_PER_DAY
    stopped: Mask = (limits != OFF) & (usual >= 0) & large & (a_day * SCALE > usual * limits)
    return stopped


JUMP_FLOOR_WH_PER_DAY = 30_000


def usage_vanished(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """No usage at all where more Wh a day than the limit in kWh were usual."""
    usual = bills.usual_wh_per_day
    stopped: Mask = (limits != OFF) & (bills.import_wh == 0) & (usual * (SCALE // 1000) > limits)
    return stopped


def register_mismatch(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """Intervals and the market's register differ by more than the limit in percent (and 2 kWh)."""
    known = bills.register_wh >= 0
    apart = np.abs(bills.import_wh - bills.register_wh)
    share = apart * 100 * SCALE > limits * np.maximum(bills.register_wh, 1)
    stopped: Mask = (limits != OFF) & known & (apart > MISMATCH_FLOOR_WH) & share
    return stopped


MISMATCH_FLOOR_WH = 2_000


def period_too_long(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """More days than the limit: a read was skipped, or a calendar is wrong."""
    stopped: Mask = (limits != OFF) & (bills.days * SCALE > limits)
    return stopped


def credit_cliff(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """Estimated usage within the limit in percent of a usage credit's threshold.

    The estimate then decides over a credit of many dollars; the read should.
    """
    near = bills.cliff_distance_wh * 100 * SCALE <= limits * bills.import_wh
    stopped: Mask = (limits != OFF) & (bills.cliff_distance_wh >= 0) & near
    return stopped


def first_bill(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """A contract's first bill, where first bills are to be looked at (limit above 0)."""
    stopped: Mask = (limits > 0) & bills.is_first
    return stopped


def final_bill(bills: BillColumns, limits: NDArray[np.int64]) -> Mask:
    """A contract's final bill, where final bills are to be looked at (limit above 0)."""
    stopped: Mask = (limits > 0) & bills.is_final
    return stopped


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: its code (threshold and work item), its rule, and the words for people."""

    code: str
    applies: Callable[[BillColumns, NDArray[np.int64]], Mask]
    message: str


GUARDS = (
    Guard("amount_too_high", amount_too_high, "charges of {total} are above {limit} dollars"),
    Guard("credit_too_high", credit_too_high, "a credit of {total} is beyond {limit} dollars"),
    Guard("usage_jump", usage_jump, "{kwh} kWh in {days} days are over {limit} times the usual"),
    Guard("usage_vanished", usage_vanished, "0 kWh in {days} days; usual: above {limit} a day"),
    Guard("register_mismatch", register_mismatch, "intervals and register are {limit} % apart"),
    Guard("period_too_long", period_too_long, "{days} days in one bill are more than {limit}"),
    Guard("credit_cliff", credit_cliff, "estimated {kwh} kWh, within {limit} % of a threshold"),
    Guard("first_bill", first_bill, "the first bill of a contract is to be looked at"),
    Guard("final_bill", final_bill, "the final bill of a contract is to be looked at"),
)
