"""Takes refused price rows again, or lays them aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from ossrep.kernel.errors import DomainError
from ossrep.product.db import transaction
from ossrep.product.domain.price_batch import PriceBatch
from ossrep.product.domain.price_rows import Layout, PriceRowRefused, parse_row
from ossrep.product.models import RefusedPriceRow
from ossrep.product.usecases.import_prices import lock_prices, split_row
from ossrep.product.usecases.store_prices import store_prices

ROWS_PER_RETRY_MAX = 100_000


class UnknownRefusedRow(DomainError):
    """A number that no open row of the quarantine has."""

    code = "unknown_refused_row"


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """Rows that now loaded, and rows that still do not fit."""

    loaded: int
    still_refused: int


def retry_refused_prices(*, as_of: dt.datetime) -> RetryOutcome:
    """Reads every open row of the quarantine again; what fits now is loaded and settled."""
    with transaction():
        lock_prices()
        rows = RefusedPriceRow.objects.select_for_update().filter(settled_at__isnull=True)
        open_rows = list(rows.order_by("pk")[:ROWS_PER_RETRY_MAX])
        loaded = [row for row in open_rows if _loads(row)]
        _settle(loaded, as_of, "loaded")
    return RetryOutcome(len(loaded), len(open_rows) - len(loaded))


def discard_refused_prices(*, row_ids: Collection[int], as_of: dt.datetime) -> None:
    """Lays rows of the quarantine aside for good; they stay on record.

    ``UnknownRefusedRow`` where a number is not an open row; nothing is discarded then.
    """
    with transaction():
        rows = RefusedPriceRow.objects.select_for_update().filter(
            pk__in=row_ids, settled_at__isnull=True
        )
        found = list(rows)
        missing = sorted(set(row_ids) - {row.pk for row in found})
        if missing:
            raise UnknownRefusedRow(f"no open row has the number {', '.join(map(str, missing))}")
        _settle(found, as_of, "discarded")


def _loads(row: RefusedPriceRow) -> bool:
    batch = PriceBatch()
    try:
        point = parse_row(layout=cast(Layout, row.layout), fields=split_row(row.raw_row))
    except PriceRowRefused as refusal:
        row.reason_code = refusal.reason
        row.message = str(refusal)[:300]
        row.save(update_fields=["reason_code", "message"])
        return False
    batch.put(point)
    store_prices(batch=batch, source_name=row.file_name)
    return True


def _settle(rows: Sequence[RefusedPriceRow], as_of: dt.datetime, settlement: str) -> None:
    for row in rows:
        row.settled_at = as_of
        row.settlement = settlement
    RefusedPriceRow.objects.bulk_update(rows, ["settled_at", "settlement"], batch_size=1000)
