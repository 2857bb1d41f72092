"""MarkeTrak issues that are not closed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F

from ossrep.market.domain.marketrak import State, load_subtypes
from ossrep.market.models import MarketrakIssue


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """One issue, with the name of its subtype as MarkeTrak has it."""

    issue_id: int
    number: str
    subtype: str
    esi_id: str
    tdsp_code: str
    side: str
    state: str
    due_at: dt.datetime | None
    opened_at: dt.datetime


def list_issues(
    *, esi_id: str | None = None, with_closed: bool = False, limit: int = 1000
) -> list[IssueLine]:
    """Issues, what is due first stands first."""
    found = MarketrakIssue.objects.order_by(F("due_at").asc(nulls_last=True), "pk")
    if not with_closed:
        found = found.exclude(state=State.CLOSED)
    if esi_id:
        found = found.filter(esi_id=esi_id)
    names = load_subtypes()
    return [
        IssueLine(
            issue_id=row.pk,
            number=row.number,
            subtype=names[row.subtype].name if row.subtype in names else row.subtype,
            esi_id=row.esi_id,
            tdsp_code=row.tdsp_code,
            side=row.side,
            state=row.state,
            due_at=row.due_at,
            opened_at=row.opened_at,
        )
        for row in found[:limit]
    ]
