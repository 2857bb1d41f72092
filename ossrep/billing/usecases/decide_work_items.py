"""A person's word on a bill that was stopped: bill it as it is, or leave it."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.functions import Now

from ossrep.billing.db import transaction
from ossrep.billing.models import WorkItem, WorkItemStatus
from ossrep.kernel.errors import DomainError


class UnknownWorkItem(DomainError):
    """No open work item has this id."""

    code = "unknown_work_item"


class NotReleasable(DomainError):
    """A reason that nobody can wave through: without the cause mended there is no right bill."""

    code = "not_releasable"


class NoteMissing(DomainError):
    """A decision without a reason."""

    code = "note_missing"


def release_work_items(*, item_ids: Collection[int], note: str, decided_by: str) -> int:
    """The next run bills them past the guard that stopped them, for these days only.

    All or none. Raises UnknownWorkItem, NotReleasable, NoteMissing.
    """
    return _decide(item_ids, WorkItemStatus.RELEASED, note, decided_by)


def dismiss_work_items(*, item_ids: Collection[int], note: str, decided_by: str) -> int:
    """Closes them without a bill; a later run that meets the same opens a new one.

    All or none. Raises UnknownWorkItem, NoteMissing.
    """
    return _decide(item_ids, WorkItemStatus.DISMISSED, note, decided_by)


def _decide(item_ids: Collection[int], status: WorkItemStatus, note: str, decided_by: str) -> int:
    if not note.strip():
        raise NoteMissing("say why: the decision is kept with its reason")
    with transaction():
        items = WorkItem.objects.select_for_update().filter(
            pk__in=item_ids, status=WorkItemStatus.OPEN
        )
        found = {item.pk: item for item in items}
        unknown = sorted(set(item_ids) - found.keys())
        if unknown:
            raise UnknownWorkItem("no such open work item", where=f"work item {unknown[0]}")
        for item in found.values():
            if status is WorkItemStatus.RELEASED and not item.details.get("releasable"):
                raise NotReleasable(
                    f"{item.reason_code} cannot be released: mend the cause and run again",
                    where=f"work item {item.pk}",
                )
        items.update(status=status, note=note, decided_by=decided_by, decided_at=Now())
    return len(found)
