"""Rows of files that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass

from ossrep.market.models import RefusedFileRow, RefusedReadRow

ROWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row as it came, where it stood and why it was refused."""

    number: int
    place: str
    message: str
    raw_row: str


def list_refused_read_rows(*, limit: int = ROWS_MAX) -> list[RefusedRow]:
    """The open rows of the quarantine, oldest first, at most ``limit``."""
    rows = RefusedReadRow.objects.filter(settled_at__isnull=True).order_by("pk")[:limit]
    return [
        RefusedRow(row.pk, f"{row.file_name}:{row.line}", row.message, row.raw_row) for row in rows
    ]


def list_refused_file_rows(*, limit: int = ROWS_MAX) -> list[RefusedRow]:
    """The same of switch-hold lists and CBCI answers."""
    rows = RefusedFileRow.objects.filter(settled_at__isnull=True).order_by("pk")[:limit]
    return [
        RefusedRow(row.pk, f"{row.file_name}:{row.line}", row.message, row.raw_row) for row in rows
    ]
