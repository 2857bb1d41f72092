"""Plan versions in short, for lists of contracts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from ossrep.kernel.identifiers import PlanVersionId
from ossrep.product.domain.plan_facts import summarize_plan
from ossrep.product.models import PlanVersion
from ossrep.published.product import PlanSummary
from ossrep.rating import parse_plan


def get_plan_summaries(
    *, plan_version_ids: Collection[PlanVersionId]
) -> Mapping[PlanVersionId, PlanSummary]:
    """Published or retired versions by id; unknown ids are left out. One query."""
    found = PlanVersion.objects.filter(pk__in=set(plan_version_ids)).values_list(
        "pk", "plan__code", "document"
    )
    return {PlanVersionId(pk): _read(PlanVersionId(pk), code, doc) for pk, code, doc in found}


def _read(plan_version_id: PlanVersionId, code: str, document: Mapping[str, Any]) -> PlanSummary:
    plan = parse_plan(document=document)
    facts = summarize_plan(plan)
    return PlanSummary(
        plan_version_id=plan_version_id,
        plan_code=code,
        name=plan.name,
        product_type=plan.product_type,
        term_months=plan.term_months,
        early_termination_fee_usd=plan.early_termination_fee_usd or Decimal(0),
        rate_usd_per_kwh=facts.rate_usd_per_kwh,
        base_charge_usd=facts.base_charge_usd,
        features=facts.features,
    )
