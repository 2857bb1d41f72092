"""The routes of the market's work queue."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.market.rest import internal_work

_AT = "api/v1/market/work-items"

ROUTES: Sequence[Route] = [
    path(_AT, internal_work.MarketWorkItemsView.as_view(), name="market-operators-work-items"),
    path(
        f"{_AT}/<int:record_id>",
        internal_work.MarketWorkItemView.as_view(),
        name="market-operators-work-item",
    ),
    path(
        f"{_AT}/resolutions",
        internal_work.ResolutionsView.as_view(),
        name="market-operators-resolutions",
    ),
    path(
        f"{_AT}/assignments",
        internal_work.AssignmentsView.as_view(),
        name="market-operators-assignments",
    ),
]
