"""Records of this context as operators' tools and other services read them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Max, QuerySet

from ossrep.product.models import Plan, PlanVersion


def plans() -> QuerySet[Plan]:
    """Plans with their brand, the number of versions and the newest."""
    return Plan.objects.select_related("brand").annotate(
        version_count=Count("versions"), newest_version=Max("versions__version")
    )


def plan_versions() -> QuerySet[PlanVersion]:
    """Versions with their plan and brand, without what was written by hand."""
    return PlanVersion.objects.select_related("plan__brand").defer("source_text", "source_document")


def plan_version_heads() -> QuerySet[PlanVersion]:
    """The same without their documents, for lists."""
    return plan_versions().defer("source_text", "source_document", "document")


def plan_versions_by_id(keys: Sequence[int]) -> dict[int, PlanVersion]:
    """Versions with these ids, by id."""
    return plan_version_heads().in_bulk(keys)
