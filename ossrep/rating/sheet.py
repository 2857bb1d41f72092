"""The columns of a block while its lines are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.rating.exact import ExactColumn
from ossrep.rating.explain import LineDetail, ReceivedDetail
from ossrep.rating.usage import CENTS_MAX


@dataclass(slots=True)
class Sheet:
    """The columns of a block while they fill up; line by line, in printed order."""

    rows: int
    lines: int
    amounts: NDArray[np.int64] = field(init=False)
    quantities: NDArray[np.int64] = field(init=False)
    present: NDArray[np.bool_] = field(init=False)
    details: list[LineDetail] = field(init=False)
    too_large: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.amounts = np.zeros((self.lines, self.rows), dtype=np.int64)
        self.quantities = np.zeros((self.lines, self.rows), dtype=np.int64)
        self.present = np.zeros((self.lines, self.rows), dtype=np.bool_)
        self.details = [ReceivedDetail()] * self.lines

    def cents(self, column: ExactColumn) -> NDArray[np.int64]:
        """The cents of a rounded column; rows beyond any plausible amount are noted and zero."""
        cents = column.values
        if column.beyond or (cents.size and int(np.abs(cents).max()) > CENTS_MAX):
            large = set(np.flatnonzero(np.abs(cents) > CENTS_MAX).tolist()) | set(column.beyond)
            self.too_large |= large
            cents = cents.copy()
            cents[list(large)] = 0
        return cents

    def put(
        self,
        line: int,
        *,
        quantity: NDArray[np.int64],
        cents: NDArray[np.int64],
        present: NDArray[np.bool_],
        detail: LineDetail,
    ) -> None:
        """Writes a whole line."""
        self.quantities[line] = quantity
        self.amounts[line] = cents
        self.present[line] = present
        self.details[line] = detail

    def clear(self, rows: list[int]) -> None:
        """A refused row has no lines and zeros everywhere."""
        if rows:
            self.amounts[:, rows] = 0
            self.quantities[:, rows] = 0
            self.present[:, rows] = False
