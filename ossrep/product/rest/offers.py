"""``GET /api/v1/plans``: what can be bought at a place, for each TDSP that serves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DecimalField, IntegerField, ListField

from ossrep.infra import services
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import PublicView
from ossrep.kernel import clock
from ossrep.kernel.identifiers import TdspCode
from ossrep.product.models.plan import CUSTOMER_CLASSES, PRODUCT_TYPES
from ossrep.product.queries.plans_on_sale import Offer, list_offers
from ossrep.product.rest.areas import ZIP_PATTERN, tdsp_parameter, zip_parameter
from ossrep.product.rest.document_urls import document_urls
from ossrep.product.rest.plans import PlanDocumentsShape
from ossrep.published.market import MarketService, Tdsp

_CLASSES = [code for code, _ in CUSTOMER_CLASSES]


class AveragePriceShape(StrictSerializer):
    """The label's average price at one monthly usage, delivery included, taxes not."""

    kwh = IntegerField()
    cents_per_kwh = DecimalField(max_digits=18, decimal_places=1)


class OfferShape(StrictSerializer):
    """A plan in one TDSP's area; no average prices where its label cannot be computed."""

    plan_version_id = IntegerField()
    plan_code = CharField()
    version = IntegerField()
    name = CharField()
    brand_code = CharField()
    brand_name = CharField()
    customer_class = ChoiceField(choices=_CLASSES)
    product_type = ChoiceField(choices=[code for code, _ in PRODUCT_TYPES])
    term_months = IntegerField()
    early_termination_fee_usd = DecimalField(max_digits=18, decimal_places=2)
    energy_rate_usd_per_kwh = DecimalField(max_digits=18, decimal_places=8)
    base_charge_usd = DecimalField(max_digits=18, decimal_places=2)
    renewable_percent = DecimalField(max_digits=5, decimal_places=2)
    features = ListField(child=CharField())
    average_prices = AveragePriceShape(many=True)
    documents = PlanDocumentsShape()


class AreaOffersShape(StrictSerializer):
    """What is sold where one TDSP delivers."""

    tdsp_code = CharField()
    tdsp_name = CharField()
    plans = OfferShape(many=True)


class OffersShape(StrictSerializer):
    """A ZIP can have several TDSPs: the address decides which of them it is."""

    tdsps = AreaOffersShape(many=True)


class OffersView(PublicView):
    """``GET /api/v1/plans?zip=&tdsp=&customerClass=``"""

    @extend_schema(
        operation_id="listOffers",
        summary="Plans on sale at a ZIP or in a TDSP's area",
        parameters=[
            OpenApiParameter("zip", str, description="ZIP of the service address."),
            OpenApiParameter("tdsp", str, description="Code of a TDSP."),
            OpenApiParameter("customerClass", str, enum=_CLASSES),
        ],
        responses=OffersShape,
    )
    def get(self, request: Request) -> Response:
        """One of ``zip`` and ``tdsp`` is needed; a ZIP that nobody serves has no TDSP."""
        areas = _areas(tdsp_parameter(request), zip_parameter(request))
        chosen = _customer_class(request)
        codes = [tdsp.code for tdsp in areas]
        offers = list_offers(tdsp_codes=codes, today=clock.market_today())
        return Response(
            {
                "tdsps": [
                    {
                        "tdsp_code": tdsp.code,
                        "tdsp_name": tdsp.name,
                        "plans": [
                            _offer(request, offer)
                            for offer in offers[tdsp.code]
                            if chosen in ("", offer.plan.customer_class)
                        ],
                    }
                    for tdsp in areas
                ]
            }
        )


def _areas(tdsp: str, zip_code: str) -> Sequence[Tdsp]:
    if not tdsp and not zip_code:
        raise _refusal("zip", "required", "Give a zip, or a tdsp.")
    if zip_code and not ZIP_PATTERN.fullmatch(zip_code):
        raise _refusal("zip", "invalid_zip", "A ZIP has five digits.")
    market = services.resolve(MarketService)
    of_zip = market.list_tdsps_of_zip(zip_code=zip_code) if zip_code else None
    return [
        found
        for found in market.list_tdsps()
        if tdsp in ("", found.code) and (of_zip is None or TdspCode(found.code) in of_zip)
    ]


def _customer_class(request: Request) -> str:
    chosen = str(request.query_params.get("customerClass", ""))
    if chosen and chosen not in _CLASSES:
        names = ", ".join(_CLASSES)
        raise _refusal("customerClass", "invalid_choice", f"customerClass is one of: {names}.")
    return chosen


def _offer(request: Request, offer: Offer) -> dict[str, Any]:
    plan, label = offer.plan, offer.label
    area = "" if label.refusal else label.tdsp_code
    return {
        "plan_version_id": plan.plan_version_id,
        "plan_code": plan.plan_code,
        "version": plan.version,
        "name": plan.name,
        "brand_code": plan.brand_code,
        "brand_name": plan.brand_name,
        "customer_class": plan.customer_class,
        "product_type": plan.product_type,
        "term_months": plan.term_months,
        "early_termination_fee_usd": f"{plan.early_termination_fee_usd:.2f}",
        "energy_rate_usd_per_kwh": plan.facts.rate_usd_per_kwh,
        "base_charge_usd": f"{plan.facts.base_charge_usd:.2f}",
        "renewable_percent": plan.facts.renewable_percent,
        "features": list(plan.facts.features),
        "average_prices": [
            {"kwh": line.kwh, "cents_per_kwh": line.printed_cents} for line in label.lines
        ],
        "documents": document_urls(request, plan, label_area=area),
    }


def _refusal(name: str, code: str, text: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(text, code=code)]})
