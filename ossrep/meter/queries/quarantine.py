"""Records that did not load, for people to look at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ossrep.meter.models import QuarantinedRecord


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A record with its place and reason; ``first_line`` 0 means a file as a whole."""

    record_id: int
    file: str
    first_line: int
    esi_id: str
    date: dt.date | None
    reason: str
    attempts: int
    message: str


def list_quarantined(
    *, state: str, reason: str | None, esi_id: str | None, limit: int
) -> tuple[list[QuarantineRow], int]:
    """Records in the order they came, at most ``limit``, and how many there are in all."""
    records = QuarantinedRecord.objects.filter(state=state).order_by("id")
    if reason:
        records = records.filter(reason=reason)
    if esi_id:
        records = records.filter(esi_id=esi_id)
    rows = records.values_list(
        "id", "file", "first_line", "esi_id", "date", "reason", "attempts", "message"
    )
    return [QuarantineRow(*row) for row in rows[:limit]], records.count()
