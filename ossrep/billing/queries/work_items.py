"""Bills that wait for a person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from ossrep.billing.models import WorkItem, WorkItemStatus


@dataclass(frozen=True, slots=True)
class WorkItemLine:
    """One stopped bill; ``is_releasable``: a person may say to bill it as it is."""

    item_id: int
    account_number: str
    period_start: dt.date
    period_end: dt.date
    reason_code: str
    message: str
    money_at_risk_usd: Decimal | None
    is_releasable: bool


def list_work_items(
    *, reason_code: str | None = None, run_id: int | None = None, limit: int
) -> list[WorkItemLine]:
    """Open ones, the most money first."""
    items = WorkItem.objects.filter(status=WorkItemStatus.OPEN)
    if reason_code is not None:
        items = items.filter(reason_code=reason_code)
    if run_id is not None:
        items = items.filter(run_id=run_id)
    ordered = items.order_by(F("money_at_risk_usd").desc(nulls_last=True), "pk")
    return [
        WorkItemLine(
            item_id=item.pk,
            account_number=item.account_number or str(item.account_id),
            period_start=item.period_start,
            period_end=item.period_end,
            reason_code=item.reason_code,
            message=item.message,
            money_at_risk_usd=item.money_at_risk_usd,
            is_releasable=bool(item.details.get("releasable")),
        )
        for item in ordered[:limit]
    ]
