"""The quarantine of payment and opening files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.billing.models import RefusedRow


@dataclass(frozen=True, slots=True)
class RefusedRowView:
    """One refused row as it came, why, and what became of it."""

    row_id: int
    kind: str
    file_name: str
    line: int
    content: Mapping[str, Any]
    reason_code: str
    message: str
    refused_at: dt.datetime
    settlement: str


def list_refused_rows(*, kind: str | None, is_open: bool, limit: int) -> Sequence[RefusedRowView]:
    """Open or settled rows, the oldest first."""
    rows = RefusedRow.objects.filter(settled_at__isnull=is_open).order_by("pk")
    if kind is not None:
        rows = rows.filter(kind=kind)
    return [
        RefusedRowView(
            row_id=row.pk,
            kind=row.kind,
            file_name=row.file_name,
            line=row.line,
            content=row.content,
            reason_code=row.reason_code,
            message=row.message,
            refused_at=row.refused_at,
            settlement=row.settlement,
        )
        for row in rows[:limit]
    ]
