"""The routes for operators' tools and other services."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.product.rest import internal_plans

_AT = "api/v1/product"

ROUTES: Sequence[Route] = [
    path(
        f"{_AT}/plans", internal_plans.OperatorsPlansView.as_view(), name="product-operators-plans"
    ),
    path(
        f"{_AT}/plan-versions",
        internal_plans.PlanVersionsView.as_view(),
        name="product-operators-plan-versions",
    ),
    path(
        f"{_AT}/plan-versions/<int:record_id>",
        internal_plans.PlanVersionView.as_view(),
        name="product-operators-plan-version",
    ),
    path(
        f"{_AT}/changes/plan-versions",
        internal_plans.ChangedPlanVersionsView.as_view(),
        name="product-changes-plan-versions",
    ),
]
