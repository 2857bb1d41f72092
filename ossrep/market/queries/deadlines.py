"""Answers that are late or nearly so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ossrep.market.domain.deadlines import Standing, standing
from ossrep.market.models import Deadline, DeadlineState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineLine:
    """One open deadline that a person should look at."""

    deadline_id: int
    step: str
    expects: str
    esi_id: str
    reference: str
    started_at: dt.datetime
    due_at: dt.datetime
    standing: Standing


def late_or_nearly(*, as_of: dt.datetime, limit: int = 1000) -> list[DeadlineLine]:
    """Open deadlines that are late or nearly late at ``as_of``, the longest due first."""
    found = Deadline.objects.filter(state=DeadlineState.OPEN, nearly_at__lte=as_of)
    return [
        DeadlineLine(
            deadline_id=row.pk,
            step=row.step,
            expects=row.expects,
            esi_id=row.esi_id,
            reference=row.reference,
            started_at=row.started_at,
            due_at=row.due_at,
            standing=standing(nearly_at=row.nearly_at, due_at=row.due_at, as_of=as_of),
        )
        for row in found.order_by("due_at", "pk")[:limit]
    ]
