"""What the writers of a batch share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.billing.db import connection
from ossrep.billing.domain.copy_format import Kind, encode_rows
from ossrep.billing.usecases.batch import Bool, Int64, LoadedBatch, RatedLines, RatedSites
from ossrep.billing.usecases.check_batch import ItemTotals
from ossrep.billing.usecases.tax_batch import BatchTaxes

Fixed = Mapping[str, tuple[Kind, NDArray[np.generic]]]
Variable = Mapping[str, Sequence[bytes | None]]


@dataclass(frozen=True, slots=True)
class BilledBatch:
    """All that is known of a batch when its invoices can be written.

    ``is_chosen`` marks the items without a problem; ``ids`` are all items' ids.
    """

    batch: LoadedBatch
    lines: RatedLines
    rated: RatedSites
    taxes: BatchTaxes
    totals: ItemTotals
    is_chosen: Bool
    ids: Int64

    @property
    def chosen(self) -> Int64:
        """Indexes of the items without a problem."""
        return np.flatnonzero(self.is_chosen)


def copy_rows(table: str, fixed: Fixed, variable: Variable) -> None:
    """One COPY of a whole table's new rows; raises Django's database errors."""
    rows = encode_rows(fixed=fixed, variable=variable)
    names = ", ".join(rows.columns)
    with (
        connection().wrap_database_errors,
        connection().cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(rows.data)


def int_column(values: Sequence[int]) -> Int64:
    """A column from Python integers."""
    return np.array(values, dtype=np.int64)


def numbered(items: Int64) -> Int64:
    """1, 2, 3 within each run of equal values."""
    if not items.size:
        return items
    starts = np.flatnonzero(np.r_[True, items[1:] != items[:-1]])
    lengths = np.diff(np.r_[starts, items.size])
    return np.arange(items.size, dtype=np.int64) - np.repeat(starts, lengths) + 1
