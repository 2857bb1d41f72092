"""Which terms and rights go with a plan."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ossrep.product.models import LegalDocument, PlanVersion


@dataclass(frozen=True, slots=True)
class DocumentShelf:
    """Which documents brands and plans have: (brand id, plan id or None, kind)."""

    known: frozenset[tuple[int, int | None, str]]

    def has(self, *, brand_id: int, plan_id: int, kind: str) -> bool:
        """True when the plan, or its brand for all plans, has one in any language."""
        return bool({(brand_id, plan_id, kind), (brand_id, None, kind)} & self.known)


def get_document_shelf(*, brand_ids: Collection[int]) -> DocumentShelf:
    """Of these brands; one query."""
    rows = LegalDocument.objects.filter(brand_id__in=brand_ids).order_by()
    return DocumentShelf(frozenset(rows.values_list("brand_id", "plan_id", "kind").distinct()))


def find_legal_document(*, plan_version_id: int, kind: str, language: str) -> LegalDocument | None:
    """The plan's own, else its brand's, newest; in another language where it has none in this."""
    version = PlanVersion.objects.filter(pk=plan_version_id).select_related("plan").first()
    if version is None:
        return None
    rows = LegalDocument.objects.filter(brand_id=version.plan.brand_id, kind=kind)
    found = [row for row in rows.order_by("-id") if row.plan_id in (None, version.plan_id)]
    return min(found, key=lambda row: (row.plan_id is None, row.language != language), default=None)
