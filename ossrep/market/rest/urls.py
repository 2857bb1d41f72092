"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route
from ossrep.market.rest import internal_urls
from ossrep.market.rest.addresses import AddressesView, EsiIdView
from ossrep.market.rest.edm import EdmView
from ossrep.market.rest.operators import IsosView, IsoView, TdspsView, TdspView
from ossrep.market.rest.service_points import (
    ServicePointChangesView,
    ServicePointsBulkView,
    ServicePointsView,
    ServicePointView,
)

answer_with(
    statuses={
        "service_point_exists": HTTPStatus.CONFLICT,
        "esi_id_is_fixed": HTTPStatus.BAD_REQUEST,
        "too_many_service_points": HTTPStatus.BAD_REQUEST,
    }
)

EXTERNAL: Sequence[Route] = [
    path("edm/<slug:channel>", EdmView.as_view(), name="market-edm"),
    path("api/v1/addresses", AddressesView.as_view(), name="market-addresses"),
    path("api/v1/esi-ids/<slug:esi_id>", EsiIdView.as_view(), name="market-esi-id"),
]
INTERNAL: Sequence[Route] = [
    *internal_urls.ROUTES,
    path("api/v1/isos", IsosView.as_view(), name="market-isos"),
    path("api/v1/isos/<int:iso_id>", IsoView.as_view(), name="market-iso"),
    path("api/v1/tdsps", TdspsView.as_view(), name="market-tdsps"),
    path("api/v1/tdsps/<int:tdsp_id>", TdspView.as_view(), name="market-tdsp"),
    path("api/v1/service-points", ServicePointsView.as_view(), name="market-service-points"),
    path(
        "api/v1/service-points/bulk",
        ServicePointsBulkView.as_view(),
        name="market-service-points-bulk",
    ),
    path(
        "api/v1/service-points/<int:service_point_id>",
        ServicePointView.as_view(),
        name="market-service-point",
    ),
    path(
        "api/v1/market/changes/service-points",
        ServicePointChangesView.as_view(),
        name="market-service-point-changes",
    ),
]
