"""What comes out of rating: templates of lines, and columns of amounts for many service points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ossrep.rating.plan import Tax

if TYPE_CHECKING:
    from ossrep.rating.explain import LineDetail


class Section(StrEnum):
    """The part of a bill in which a line stands."""

    RETAILER = "retailer"
    DELIVERY = "delivery"


class Unit(StrEnum):
    """What a line counts."""

    MONTH = "month"
    DAY = "day"
    KWH = "kwh"
    KW = "kw"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTemplate:
    """What one line has in common for all service points of a block.

    ``kind`` and ``bucket`` as in ``docs/formats/quote.md``. A quantity of the block divided by
    ``quantity_scale`` is the printed quantity in ``unit`` (Wh by 1000, a share by its
    denominator). ``unit_price_e8`` is in 10**-8 dollars, None where the price varies within the
    line. ``recipe`` is the part of the explanation that is the same for all rows, JSON-ready.
    """

    section: Section
    kind: str
    component: str
    bucket: str | None
    label: str
    unit: Unit
    unit_price_e8: int | None
    quantity_scale: int
    recurring: bool
    energy: bool
    taxes: frozenset[Tax]
    recipe: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not rated: a stable code and a message with what, where and what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BankColumns:
    """The credit bank of each row in cents, int64 ``(n,)``.

    ``applied`` is what this period's earnings offset, ``used`` what the bank offset, so
    ``in + earned == applied + used + out + lost``. Earnings below zero are lines of their own
    and stand in none of these.
    """

    in_cents: NDArray[np.int64]
    earned_cents: NDArray[np.int64]
    applied_cents: NDArray[np.int64]
    used_cents: NDArray[np.int64]
    out_cents: NDArray[np.int64]
    lost_cents: NDArray[np.int64]

    def cleared(self, rows: list[int]) -> BankColumns:
        """The same with zeros in some rows."""
        return BankColumns(
            in_cents=cleared(self.in_cents, rows),
            earned_cents=cleared(self.earned_cents, rows),
            applied_cents=cleared(self.applied_cents, rows),
            used_cents=cleared(self.used_cents, rows),
            out_cents=cleared(self.out_cents, rows),
            lost_cents=cleared(self.lost_cents, rows),
        )


@dataclass(frozen=True, slots=True)
class RatedBlock:
    """``n`` rated service points with ``L`` possible lines each, in printed order.

    ``amount_cents`` int64 ``(n, L)``, ``quantity`` int64 ``(n, L)`` in units of
    ``1 / templates[l].quantity_scale``, ``present`` bool ``(n, L)``: only present lines are
    printed. ``peak_w`` is ``NO_PEAK_W`` where demand was not measured. A row in ``refusals`` has
    no present line and all zeros.
    """

    templates: tuple[LineTemplate, ...]
    amount_cents: NDArray[np.int64]
    quantity: NDArray[np.int64]
    present: NDArray[np.bool_]
    bank: BankColumns
    import_wh: NDArray[np.int64]
    export_wh: NDArray[np.int64]
    peak_w: NDArray[np.int64]
    refusals: Mapping[int, Refusal]
    details: tuple[LineDetail, ...]

    @property
    def rows(self) -> int:
        """Number of service points."""
        return int(self.amount_cents.shape[0])

    def total_cents(self) -> NDArray[np.int64]:
        """Sum of the rounded lines of each row, int64 ``(n,)`` cents."""
        total: NDArray[np.int64] = self.amount_cents.sum(axis=1)
        return total

    def recurring_cents(self) -> NDArray[np.int64]:
        """Sum of the rounded recurring lines of each row, int64 ``(n,)`` cents.

        The numerator of the average price (16 TAC §25.479): no one-off, no tax.
        """
        recurring = np.array([template.recurring for template in self.templates], dtype=np.bool_)
        total: NDArray[np.int64] = self.amount_cents[:, recurring].sum(axis=1)
        return total


def cleared(column: NDArray[np.int64], rows: list[int]) -> NDArray[np.int64]:
    """A copy of a column with zeros in some rows."""
    copy = column.copy()
    copy[rows] = 0
    return copy
