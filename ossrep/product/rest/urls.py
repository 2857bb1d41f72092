"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path, re_path

from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route
from ossrep.product.rest import internal_urls
from ossrep.product.rest.document_urls import ROUTE
from ossrep.product.rest.documents import PlanDocumentView
from ossrep.product.rest.offers import OffersView
from ossrep.product.rest.plans import PlansView

answer_with(statuses={"no_facts_label": HTTPStatus.NOT_FOUND})

_DOCUMENT = r"^api/v1/plans/(?P<plan_version_id>[0-9]{1,18})/documents/(?P<kind>efl|tos|yrac)$"
EXTERNAL: Sequence[Route] = [
    path("api/plans", PlansView.as_view(), name="product-plans"),
    path("api/v1/plans", OffersView.as_view(), name="product-offers"),
    re_path(_DOCUMENT, PlanDocumentView.as_view(), name=ROUTE),
]
INTERNAL: Sequence[Route] = [*internal_urls.ROUTES]
