"""Writes gathered prices over the stored days, in sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.product.db import connection
from ossrep.product.domain.price_batch import MISSING, DayKey, MergedDay, PriceBatch, merge_day
from ossrep.product.models import PriceCorrection
from ossrep.product.queries.prices import unpack_prices

DAYS_PER_STATEMENT = 5_000


@dataclass(slots=True)
class PricesStored:
    """Counts of prices: new, as stored before, and other than stored before."""

    added: int = 0
    same: int = 0
    corrected: int = 0


def store_prices(*, batch: PriceBatch, source_name: str) -> PricesStored:
    """Merges the batch into ``price_day`` inside the caller's transaction and empties it."""
    total = PricesStored()
    days = list(batch.drain())
    for start in range(0, len(days), DAYS_PER_STATEMENT):
        chunk = days[start : start + DAYS_PER_STATEMENT]
        stored = _stored_days([key for key, _ in chunk])
        merged = [(key, merge_day(stored=stored.get(key), came=came)) for key, came in chunk]
        _write_days([(key, day) for key, day in merged if day.changes], source_name)
        _keep_corrections(merged, source_name)
        total.added += sum(day.added for _, day in merged)
        total.same += sum(day.same for _, day in merged)
        total.corrected += sum(len(day.corrections) for _, day in merged)
    return total


def _stored_days(keys: list[DayKey]) -> dict[DayKey, NDArray[np.int32]]:
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT series, date, prices FROM price_day "
            "JOIN unnest(%s::text[], %s::date[]) AS wanted (series, date) USING (series, date)",
            [[series for series, _ in keys], [date for _, date in keys]],
        )
        return {(row[0], row[1]): unpack_prices(row[2]) for row in cursor.fetchall()}


def _write_days(days: list[tuple[DayKey, MergedDay]], source_name: str) -> None:
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO price_day AS d (series, date, prices, missing, source_name) "
            "SELECT series, date, prices, missing, %s "
            "FROM unnest(%s::text[], %s::date[], %s::bytea[], %s::smallint[]) "
            "AS came (series, date, prices, missing) "
            "ON CONFLICT (series, date) DO UPDATE SET prices = EXCLUDED.prices, "
            "missing = EXCLUDED.missing, source_name = EXCLUDED.source_name, updated_at = now()",
            [
                source_name,
                [key[0] for key, _ in days],
                [key[1] for key, _ in days],
                [day.prices.astype("<i4").tobytes() for _, day in days],
                [int((day.prices == MISSING).sum()) for _, day in days],
            ],
        )


def _keep_corrections(merged: list[tuple[DayKey, MergedDay]], source_name: str) -> None:
    PriceCorrection.objects.bulk_create(
        [
            PriceCorrection(
                series=series,
                date=date,
                interval=c.index,
                price_before=c.before,
                price_after=c.after,
                source_name=source_name,
            )
            for (series, date), day in merged
            for c in day.corrections
        ],
        batch_size=5_000,
    )
