"""What the public can buy today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.kernel.identifiers import PlanVersionId
from ossrep.product.domain.plan_facts import PlanFacts, summarize_plan
from ossrep.product.models import PlanVersion
from ossrep.product.queries.labels import Label, LabelQuestion, compute_labels
from ossrep.product.queries.legal_documents import get_document_shelf
from ossrep.rating import Plan, parse_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOnSale:
    """The newest published version of a plan that is not retired.

    ``tdsp_code`` is the TDSP that its label is for; None: no one in particular. ``has_label``:
    its label was computed when it was published.
    """

    plan_version_id: PlanVersionId
    plan_code: str
    version: int
    name: str
    brand_code: str
    brand_name: str
    customer_class: str
    product_type: str
    term_months: int
    early_termination_fee_usd: Decimal
    tdsp_code: str | None
    has_label: bool
    has_tos: bool
    has_yrac: bool
    facts: PlanFacts
    meaning: Plan

    def is_sold_in(self, tdsp_codes: Collection[str]) -> bool:
        """True where its label is for one of them, or for no one in particular."""
        return bool(tdsp_codes) and self.tdsp_code in (None, *tdsp_codes)


def list_plans_on_sale(*, tdsp_codes: Collection[str] | None = None) -> Sequence[PlanOnSale]:
    """By name; with TDSPs only what is sold in the area of one of them. Two queries."""
    newest = list(
        PlanVersion.objects.filter(retired_at=None)
        .order_by("plan_id", "-version")
        .distinct("plan_id")
        .select_related("plan__brand")
        .defer("source_text", "source_document")
    )
    shelf = get_document_shelf(brand_ids={row.plan.brand_id for row in newest})
    found = [
        _read(
            row,
            has_tos=shelf.has(brand_id=row.plan.brand_id, plan_id=row.plan_id, kind="tos"),
            has_yrac=shelf.has(brand_id=row.plan.brand_id, plan_id=row.plan_id, kind="yrac"),
        )
        for row in newest
    ]
    return sorted(
        (plan for plan in found if tdsp_codes is None or plan.is_sold_in(tdsp_codes)),
        key=lambda plan: (plan.name, plan.plan_version_id),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan in one TDSP's area, with its label there."""

    plan: PlanOnSale
    label: Label


def list_offers(*, tdsp_codes: Sequence[str], today: dt.date) -> Mapping[str, Sequence[Offer]]:
    """For each TDSP what is sold in its area, by name. Three queries, whatever their number."""
    plans = list_plans_on_sale(tdsp_codes=tdsp_codes)
    pairs = [(code, plan) for code in tdsp_codes for plan in plans if plan.is_sold_in([code])]
    labels = compute_labels(
        questions=[LabelQuestion(plan.meaning, code) for code, plan in pairs], today=today
    )
    offers: dict[str, list[Offer]] = {code: [] for code in tdsp_codes}
    for (code, plan), label in zip(pairs, labels, strict=True):
        offers[code].append(Offer(plan, label))
    return offers


def _read(row: PlanVersion, *, has_tos: bool, has_yrac: bool) -> PlanOnSale:
    plan = parse_plan(document=row.document)
    return PlanOnSale(
        plan_version_id=PlanVersionId(row.pk),
        plan_code=row.plan.code,
        version=row.version,
        name=plan.name,
        brand_code=row.plan.brand.code,
        brand_name=row.plan.brand.display_name,
        customer_class=plan.customer_class,
        product_type=plan.product_type,
        term_months=plan.term_months,
        early_termination_fee_usd=plan.early_termination_fee_usd or Decimal(0),
        tdsp_code=plan.efl.tdsp if plan.efl else None,
        has_label=row.efl_prices is not None,
        has_tos=has_tos,
        has_yrac=has_yrac,
        facts=summarize_plan(plan),
        meaning=plan,
    )
