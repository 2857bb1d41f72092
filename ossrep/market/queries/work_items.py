"""What waits for a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from ossrep.market.models import WorkItem, WorkItemState


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemLine:
    """One work item as a list shows it."""

    item_id: int
    kind: str
    title: str
    esi_id: str
    reference: str
    assignee: str
    opened_at: dt.datetime
    due_at: dt.datetime | None
    money_at_risk_usd: Decimal | None
    text: str
    send_via: str
    text_to_send: str


def list_work_items(
    *,
    kind: str | None = None,
    assignee: str | None = None,
    esi_id: str | None = None,
    due_before: dt.datetime | None = None,
    limit: int,
) -> list[WorkItemLine]:
    """Open items, the first due first, then the most money; an empty assignee: nobody's."""
    items = WorkItem.objects.filter(state=WorkItemState.OPEN)
    if kind is not None:
        items = items.filter(kind=kind)
    if assignee is not None:
        items = items.filter(assignee=assignee)
    if esi_id is not None:
        items = items.filter(esi_id=esi_id)
    if due_before is not None:
        items = items.filter(due_at__lt=due_before)
    ordered = items.order_by(
        F("due_at").asc(nulls_last=True), F("money_at_risk_usd").desc(nulls_last=True), "pk"
    )
    return [
        WorkItemLine(
            item_id=item.pk,
            kind=item.kind,
            title=item.title,
            esi_id=item.esi_id,
            reference=item.reference,
            assignee=item.assignee,
            opened_at=item.opened_at,
            due_at=item.due_at,
            money_at_risk_usd=item.money_at_risk_usd,
            text=item.text,
            send_via=item.send_via,
            text_to_send=item.text_to_send,
        )
        for item in ordered[:limit]
    ]
