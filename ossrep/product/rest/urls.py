"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.product.rest.plans import PlansView

EXTERNAL: Sequence[Route] = [
    path("api/plans", PlansView.as_view(), name="product-plans"),
]
INTERNAL: Sequence[Route] = []
