"""What the public can buy today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ossrep.kernel.identifiers import PlanVersionId
from ossrep.product.domain.plan_facts import PlanFacts, summarize_plan
from ossrep.product.models import PlanVersion
from ossrep.rating import parse_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOnSale:
    """The newest published version of a plan that is not retired.

    ``tdsp_code`` is the TDSP that its label is for; None: no one in particular.
    """

    plan_version_id: PlanVersionId
    name: str
    product_type: str
    term_months: int
    early_termination_fee_usd: Decimal
    tdsp_code: str | None
    facts: PlanFacts


def list_plans_on_sale(*, tdsp_code: str = "") -> Sequence[PlanOnSale]:
    """By name; with a TDSP only plans whose label is for it or for no one in particular."""
    newest = (
        PlanVersion.objects.filter(retired_at=None)
        .order_by("plan_id", "-version")
        .distinct("plan_id")
        .values_list("pk", "document")
    )
    found = [_read(PlanVersionId(pk), document) for pk, document in newest]
    wanted = (None, tdsp_code) if tdsp_code else None
    return sorted(
        (plan for plan in found if wanted is None or plan.tdsp_code in wanted),
        key=lambda plan: (plan.name, plan.plan_version_id),
    )


def _read(plan_version_id: PlanVersionId, document: Mapping[str, Any]) -> PlanOnSale:
    plan = parse_plan(document=document)
    return PlanOnSale(
        plan_version_id=plan_version_id,
        name=plan.name,
        product_type=plan.product_type,
        term_months=plan.term_months,
        early_termination_fee_usd=plan.early_termination_fee_usd or Decimal(0),
        tdsp_code=plan.efl.tdsp if plan.efl else None,
        facts=summarize_plan(plan),
    )
