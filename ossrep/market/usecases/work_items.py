"""Work items: opened once for each matter, assigned, talked about, resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NewType

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import WorkItem, WorkItemNote, WorkItemState

WorkItemId = NewType("WorkItemId", int)

BY_ITSELF = "the market"
"""Who resolved an item when the answer came after all."""


class WorkItemUnknown(DomainError):
    """No work item has this number."""

    code = "work_item_unknown"


class WorkItemAlreadyResolved(DomainError):
    """A resolved work item is not changed any more."""

    code = "work_item_already_resolved"


class WorkItemTextMissing(DomainError):
    """A note or a resolution without words."""

    code = "work_item_text_missing"


def open_work_item(
    *,
    kind: str,
    key: str,
    title: str,
    text: str,
    now: dt.datetime,
    esi_id: str = "",
    tdsp_code: str = "",
    send_via: str = "",
    text_to_send: str = "",
    money_at_risk_usd: Decimal | None = None,
    order_id: int | None = None,
    inbound_set_id: int | None = None,
    outbound_message_id: int | None = None,
    reference: str = "",
    due_at: dt.datetime | None = None,
) -> WorkItemId:
    """Asks a person for something, in the caller's transaction.

    Idempotent by (kind, key): what is there, open or resolved, stays as it is.
    """
    item = WorkItem(
        kind=kind,
        key=key,
        title=title,
        text=text,
        send_via=send_via,
        text_to_send=text_to_send,
        esi_id=esi_id,
        tdsp_code=tdsp_code,
        order_id=order_id,
        inbound_set_id=inbound_set_id,
        outbound_message_id=outbound_message_id,
        reference=reference,
        money_at_risk_usd=money_at_risk_usd,
        opened_at=now,
        due_at=due_at,
    )
    with transaction():
        WorkItem.objects.bulk_create([item], ignore_conflicts=True)
        return WorkItemId(WorkItem.objects.values_list("pk", flat=True).get(kind=kind, key=key))


def assign_work_items(*, item_ids: Sequence[int], assignee: str) -> int:
    """Gives open items to a person (or, with an empty name, back); how many that were.

    Raises WorkItemUnknown and WorkItemAlreadyResolved, and then changes none.
    """
    with transaction():
        for item in _locked_open(item_ids):
            item.assignee = assignee
            item.save(update_fields=["assignee"])
    return len(item_ids)


def note_work_item(*, item_id: int, text: str, written_by: str, now: dt.datetime) -> None:
    """Adds what somebody said or did. Raises WorkItemUnknown and WorkItemTextMissing."""
    if not text.strip():
        raise WorkItemTextMissing("a note needs words", where=f"work item {item_id}")
    with transaction():
        if not WorkItem.objects.filter(pk=item_id).exists():
            raise WorkItemUnknown(f"there is no work item {item_id}")
        WorkItemNote.objects.create(
            work_item_id=item_id, text=text.strip(), written_by=written_by, written_at=now
        )


def resolve_work_items(
    *, item_ids: Sequence[int], resolution: str, resolved_by: str, now: dt.datetime
) -> int:
    """Closes open items with the words of what was done; how many that were.

    Raises WorkItemUnknown, WorkItemAlreadyResolved and WorkItemTextMissing, and then closes none.
    """
    if not resolution.strip():
        raise WorkItemTextMissing("say what was done")
    with transaction():
        for item in _locked_open(item_ids):
            _close(item, resolution.strip(), resolved_by, now)
    return len(item_ids)


def resolve_by_key(*, kind: str, key: str, resolution: str, now: dt.datetime) -> bool:
    """Closes the item of that matter because the matter is gone; False where none is open."""
    with transaction():
        item = (
            WorkItem.objects.select_for_update()
            .filter(kind=kind, key=key, state=WorkItemState.OPEN)
            .first()
        )
        if item is None:
            return False
        _close(item, resolution, BY_ITSELF, now)
    return True


def _close(item: WorkItem, resolution: str, resolved_by: str, now: dt.datetime) -> None:
    item.state = WorkItemState.RESOLVED
    item.resolution, item.resolved_by, item.resolved_at = resolution, resolved_by, now
    item.save(update_fields=["state", "resolution", "resolved_by", "resolved_at"])


def _locked_open(item_ids: Sequence[int]) -> list[WorkItem]:
    found = {
        item.pk: item
        for item in WorkItem.objects.select_for_update().filter(pk__in=item_ids).order_by("pk")
    }
    for item_id in item_ids:
        if item_id not in found:
            raise WorkItemUnknown(f"there is no work item {item_id}")
        if found[item_id].state != WorkItemState.OPEN:
            raise WorkItemAlreadyResolved("is resolved", where=f"work item {item_id}")
    return list(found.values())
