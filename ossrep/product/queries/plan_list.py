"""Plans as a list for people."""

from __future__ import annotations

from dataclasses import dataclass

from ossrep.product.models import PlanDraft, PlanVersion


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One draft or version."""

    plan: str
    version: int
    status: str
    brand: str
    name: str
    product_type: str
    customer_class: str
    term_months: int


def list_plans() -> list[PlanLine]:
    """All drafts and versions, by plan code and version; two queries."""
    rows: list[PlanDraft | PlanVersion] = [
        *PlanDraft.objects.select_related("plan__brand"),
        *PlanVersion.objects.select_related("plan__brand"),
    ]
    lines = [
        PlanLine(
            row.plan.code,
            row.version,
            row.status if isinstance(row, PlanVersion) else "draft",
            row.plan.brand.code,
            row.name,
            row.product_type,
            row.customer_class,
            row.term_months,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.plan, line.version))
