"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.market.rest.edm import EdmView
from ossrep.market.rest.operators import IsosView, IsoView, TdspsView, TdspView

EXTERNAL: Sequence[Route] = [
    path("edm/<slug:channel>", EdmView.as_view(), name="market-edm"),
]
INTERNAL: Sequence[Route] = [
    path("api/v1/isos", IsosView.as_view(), name="market-isos"),
    path("api/v1/isos/<int:iso_id>", IsoView.as_view(), name="market-iso"),
    path("api/v1/tdsps", TdspsView.as_view(), name="market-tdsps"),
    path("api/v1/tdsps/<int:tdsp_id>", TdspView.as_view(), name="market-tdsp"),
]
