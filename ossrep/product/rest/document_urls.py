"""Addresses of a plan's documents: only of what is there."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.request import Request

from ossrep.product.queries.plans_on_sale import PlanOnSale

ROUTE = "product-plan-document"


def document_urls(request: Request, plan: PlanOnSale, *, label_area: str) -> dict[str, str]:
    """``label_area``: the TDSP in whose area the label can be made; empty where there is none."""
    urls: dict[str, str] = {}
    if label_area:
        urls["efl_url"] = _url(request, plan, "efl", tdsp=label_area)
    if plan.has_tos:
        urls["tos_url"] = _url(request, plan, "tos")
    if plan.has_yrac:
        urls["yrac_url"] = _url(request, plan, "yrac")
    return urls


def _url(request: Request, plan: PlanOnSale, kind: str, **query: str) -> str:
    path = reverse(ROUTE, kwargs={"plan_version_id": plan.plan_version_id, "kind": kind})
    return request.build_absolute_uri(f"{path}?{urlencode(query)}" if query else path)
