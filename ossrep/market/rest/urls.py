"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.market.rest.edm import EdmView

EXTERNAL: Sequence[Route] = [
    path("edm/<slug:channel>", EdmView.as_view(), name="market-edm"),
]
INTERNAL: Sequence[Route] = []
