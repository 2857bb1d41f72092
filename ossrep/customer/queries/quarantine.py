"""Rows of books that wait for an operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from ossrep.customer.models import QuarantinedRow


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One refused row: where it stood, why it was refused, what it says."""

    id: int
    kind: str
    number: str
    file: str
    line: int
    reason_code: str
    reason: str
    raw: str
    state: str
    attempts: int


def list_quarantined(
    *, state: str = "open", kind: str | None = None, limit: int = 100
) -> Sequence[RefusedRow]:
    """Refused rows in the order in which they came, at most ``limit``."""
    found = QuarantinedRow.objects.filter(state=state).order_by("pk")
    if kind:
        found = found.filter(kind=kind)
    names = (
        "pk",
        "kind",
        "number",
        "file",
        "line",
        "reason_code",
        "reason",
        "raw",
        "state",
        "attempts",
    )
    return [RefusedRow(*row) for row in found.values_list(*names)[:limit]]


def count_quarantined() -> Mapping[str, int]:
    """Open rows by reason code, the most frequent first."""
    counted = (
        QuarantinedRow.objects.filter(state="open")
        .values_list("reason_code")
        .annotate(count=Count("pk"))
        .order_by("-count", "reason_code")
    )
    return dict(counted)
