"""``GET /api/plans``: what anybody may see, in the shape that the customer portal reads."""

from __future__ import annotations

from collections.abc import Sequence

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

from ossrep.infra import services
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import PublicView
from ossrep.product.queries.plans_on_sale import PlanOnSale, list_plans_on_sale
from ossrep.product.rest.areas import ZIP_PATTERN, tdsp_parameter, zip_parameter
from ossrep.product.rest.document_urls import document_urls
from ossrep.published.market import MarketService


class PlanDocumentsShape(StrictSerializer):
    """Where the plan's papers are; what there is none of is left out."""

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
        """Plans by name; with a ZIP what is sold by one of its TDSPs, none where it has none."""
        codes = _tdsp_codes(tdsp_parameter(request), zip_parameter(request))
        plans = list_plans_on_sale(tdsp_codes=codes)
        return Response({"plans": [_shape(request, plan, codes) for plan in plans]})


def _tdsp_codes(tdsp: str, zip_code: str) -> Sequence[str] | None:
    """What both allow; None where neither is given."""
    if not zip_code:
        return [tdsp] if tdsp else None
    if not ZIP_PATTERN.fullmatch(zip_code):
        return []
    codes = services.resolve(MarketService).list_tdsps_of_zip(zip_code=zip_code)
    return [code for code in codes if tdsp in ("", code)]


def _shape(request: Request, plan: PlanOnSale, codes: Sequence[str] | None) -> dict[str, object]:
    only = codes[0] if codes and len(codes) == 1 else ""
    area = plan.tdsp_code or only
    return {
        "plan_id": plan.plan_version_id,
        "name": plan.name,
        "rate_per_kwh": float(plan.facts.rate_usd_per_kwh),
        "term_months": plan.term_months,
        "early_termination_fee": float(plan.early_termination_fee_usd),
        "base_charge": float(plan.facts.base_charge_usd),
        "renewable_percent": float(plan.facts.renewable_percent),
        "plan_type": plan.product_type.upper(),
        "status": "ACTIVE",
        "features": list(plan.facts.features),
        "documents": document_urls(request, plan, label_area=area if plan.has_label else ""),
    }
