"""Buyback credits: what this period earned, what offsets the bill, what the bank keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.rating.compiled import CompiledBuyback
from ossrep.rating.lines import BankColumns
from ossrep.rating.plan import Offset


@dataclass(frozen=True, slots=True)
class Settlement:
    """Cents of each earning that offset this bill, in the order of the earnings; and the bank."""

    applied_cents: tuple[NDArray[np.int64], ...]
    bank: BankColumns


def settle(
    *,
    buyback: CompiledBuyback,
    earned_cents: Sequence[NDArray[np.int64]],
    energy_cents: NDArray[np.int64],
    bank_in_cents: NDArray[np.int64],
) -> Settlement:
    """Applies rounded earnings, then the bank, against the energy lines; all ``(n,)`` cents.

    Credits never take the energy lines below 0, earlier earnings first. What is left goes to the
    bank up to its cap; the rest is lost, and all of it, a balance that comes in too, where there
    is no bank. With ``offset: all`` earnings and bank count without limit. An earning below zero
    is a charge of its own and leaves the limit as it was.
    """
    room = np.maximum(energy_cents, 0)
    limited = buyback.offset is Offset.ENERGY
    applied: list[NDArray[np.int64]] = []
    left = np.zeros_like(bank_in_cents)
    for earned in earned_cents:
        credit = np.maximum(earned, 0)
        now = np.minimum(credit, room) if limited else credit
        room = room - now
        left = left + credit - now
        applied.append(now)
    used = np.zeros_like(bank_in_cents)
    if buyback.has_bank:
        used = np.minimum(bank_in_cents, room) if limited else bank_in_cents
    left = left + bank_in_cents - used
    out = left if buyback.has_bank else np.zeros_like(left)
    if buyback.cap_cents is not None:
        out = np.minimum(out, buyback.cap_cents)
    bank = BankColumns(
        in_cents=bank_in_cents,
        earned_cents=sum((np.maximum(e, 0) for e in earned_cents), np.zeros_like(left)),
        applied_cents=sum(applied, np.zeros_like(left)),
        used_cents=used,
        out_cents=out,
        lost_cents=left - out,
    )
    return Settlement(applied_cents=tuple(applied), bank=bank)


def without_buyback(bank_in_cents: NDArray[np.int64]) -> BankColumns:
    """A plan without buyback has no bank: what comes in is lost."""
    nothing = np.zeros_like(bank_in_cents)
    return BankColumns(
        in_cents=bank_in_cents,
        earned_cents=nothing,
        applied_cents=nothing,
        used_cents=nothing,
        out_cents=nothing,
        lost_cents=bank_in_cents,
    )
