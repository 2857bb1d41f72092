"""Rows of the market's plain files that could not be taken: kept, tried again, laid aside."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection

from ossrep.infra.input_files import InputSource
from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import RefusedFileRow

RAW_ROW_CHARS_MAX = 2_000
REFUSED_ROWS_MAX = 10_000


class UnknownFileRow(DomainError):
    """A number that no open row of the quarantine has."""

    code = "unknown_file_row"


def refused_row(
    *, kind: str, source: InputSource, line: int, text: str, refusal: Exception
) -> RefusedFileRow:
    """The row as it will be kept."""
    return RefusedFileRow(
        kind=kind,
        file_name=source.short_name[:300],
        line=line,
        raw_row=text[:RAW_ROW_CHARS_MAX],
        raw_sha256=hashlib.sha256(text.encode()).hexdigest(),
        message=str(refusal)[:300],
    )


def keep_refused_rows(*, rows: Collection[RefusedFileRow]) -> None:
    """Stores refused rows, each once, in the caller's transaction."""
    RefusedFileRow.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def settle_file_rows(*, row_ids: Collection[int], as_of: dt.datetime, settlement: str) -> int:
    """Lays open rows aside, with one word why; they stay on record. How many that were.

    ``UnknownFileRow`` where a number is not an open row; nothing is settled then.
    """
    with transaction():
        open_rows = RefusedFileRow.objects.select_for_update().filter(
            pk__in=row_ids, settled_at__isnull=True
        )
        missing = sorted(set(row_ids) - {row.pk for row in open_rows})
        if missing:
            raise UnknownFileRow(f"no open row has the number {', '.join(map(str, missing))}")
        return RefusedFileRow.objects.filter(pk__in=row_ids).update(
            settled_at=as_of, settlement=settlement[:20]
        )
