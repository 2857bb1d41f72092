"""Takes refused rows of read calendars again, or lays them aside."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.read_calendar_rows import ReadRowRefused
from ossrep.market.models import RefusedReadRow
from ossrep.market.usecases.import_read_calendar import ReadCalendar

ROWS_PER_RETRY_MAX = 100_000


class UnknownRefusedRow(DomainError):
    """A number that no open row of the quarantine has."""

    code = "unknown_refused_row"


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """Rows that now loaded, and rows that still do not fit."""

    loaded: int
    still_refused: int


def retry_refused_reads(*, as_of: dt.datetime) -> RetryOutcome:
    """Reads every open row of the quarantine again; what fits now is loaded and settled."""
    with transaction():
        calendar = ReadCalendar()
        rows = RefusedReadRow.objects.select_for_update().filter(settled_at__isnull=True)
        open_rows = list(rows.order_by("pk")[:ROWS_PER_RETRY_MAX])
        loaded = [row for row in open_rows if _loads(row, calendar)]
        calendar.write()
        _settle(loaded, as_of, "loaded")
    return RetryOutcome(len(loaded), len(open_rows) - len(loaded))


def discard_refused_reads(*, row_ids: Collection[int], as_of: dt.datetime) -> None:
    """Lays rows of the quarantine aside for good; they stay on record.

    ``UnknownRefusedRow`` where a number is not an open row; nothing is discarded then.
    """
    with transaction():
        rows = RefusedReadRow.objects.select_for_update().filter(
            pk__in=row_ids, settled_at__isnull=True
        )
        found = list(rows)
        missing = sorted(set(row_ids) - {row.pk for row in found})
        if missing:
            raise UnknownRefusedRow(f"no open row has the number {', '.join(map(str, missing))}")
        _settle(found, as_of, "discarded")


def _loads(row: RefusedReadRow, calendar: ReadCalendar) -> bool:
    try:
        calendar.take_line(row.raw_row)
    except (ReadRowRefused, csv.Error) as refusal:
        row.message = str(refusal)[:300]
        row.save(update_fields=["message"])
        return False
    return True


def _settle(rows: list[RefusedReadRow], as_of: dt.datetime, settlement: str) -> None:
    for row in rows:
        row.settled_at = as_of
        row.settlement = settlement
    RefusedReadRow.objects.bulk_update(rows, ["settled_at", "settlement"], batch_size=1000)
