"""Records of this context as operators' tools and other services read them."""

from __future__ import annotations

from django.db.models import QuerySet

from ossrep.market.models import WorkItem


def work_items() -> QuerySet[WorkItem]:
    """What waits for a person, and what was done about it."""
    return WorkItem.objects.prefetch_related("notes")
