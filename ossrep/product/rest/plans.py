"""``GET /api/plans``: what anybody may see, in the shape that the customer portal reads."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    ChoiceField,
    FloatField,
    IntegerField,
    ListField,
    URLField,
)

from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import PublicView
from ossrep.product.queries.plans_on_sale import PlanOnSale, list_plans_on_sale


class PlanDocumentsShape(StrictSerializer):
    """Where the plan's papers are."""

    efl_url = URLField(required=False)
    tos_url = URLField(required=False)
    yrac_url = URLField(required=False)


class PlanShape(StrictSerializer):
    """A plan on sale; prices are numbers in dollars. See docs/api/portal-fields.md."""

    plan_id = IntegerField()
    name = CharField()
    description = CharField(required=False)
    rate_per_kwh = FloatField()
    term_months = IntegerField()
    early_termination_fee = FloatField()
    base_charge = FloatField()
    renewable_percent = FloatField()
    plan_type = ChoiceField(choices=["FIXED", "VARIABLE", "INDEXED"])
    status = ChoiceField(choices=["ACTIVE", "INACTIVE", "ARCHIVED"])
    features = ListField(child=CharField())
    documents = PlanDocumentsShape()


class PlansShape(StrictSerializer):
    """All of them."""

    plans = PlanShape(many=True)


class PlansView(PublicView):
    """``GET /api/plans?zip=&tdsp=``"""

    @extend_schema(
        operation_id="listPlans",
        summary="Plans on sale",
        parameters=[
            OpenApiParameter("tdsp", str, description="Code of a TDSP: only what is sold there."),
            OpenApiParameter("zip", str, description="ZIP of the service address."),
        ],
        responses=PlansShape,
    )
    def get(self, request: Request) -> Response:
        """Plans by name. A ZIP does not narrow the list: which TDSPs it has is not known here."""
        tdsp = request.query_params.get("tdsp", "").strip().upper()
        plans = list_plans_on_sale(tdsp_code=tdsp)
        return Response({"plans": [_shape(plan) for plan in plans]})


def _shape(plan: PlanOnSale) -> dict[str, object]:
    return {
        "plan_id": plan.plan_version_id,
        "name": plan.name,
        "rate_per_kwh": float(plan.facts.rate_usd_per_kwh),
        "term_months": plan.term_months,
        "early_termination_fee": float(plan.early_termination_fee_usd),
        "base_charge": float(plan.facts.base_charge_usd),
        "renewable_percent": 0,
        "plan_type": plan.product_type.upper(),
        "status": "ACTIVE",
        "features": list(plan.facts.features),
        "documents": {},
    }
