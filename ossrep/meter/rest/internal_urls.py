"""The routes for operators' tools and other services."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.infra.web.surfaces import Route
from ossrep.meter.rest import internal_quarantine, internal_usage

_AT = "api/v1/meter"

ROUTES: Sequence[Route] = [
    path(f"{_AT}/points", internal_usage.MeterPointsView.as_view(), name="meter-operators-points"),
    path(f"{_AT}/usage", internal_usage.IntervalDaysView.as_view(), name="meter-operators-usage"),
    path(
        f"{_AT}/monthly-usage",
        internal_usage.MonthlyUsagesView.as_view(),
        name="meter-operators-monthly-usage",
    ),
    path(
        f"{_AT}/quarantine",
        internal_quarantine.QuarantinedRecordsView.as_view(),
        name="meter-operators-quarantine",
    ),
    path(
        f"{_AT}/quarantine/retries",
        internal_quarantine.RetriesView.as_view(),
        name="meter-operators-quarantine-retries",
    ),
    path(
        f"{_AT}/changes/interval-days",
        internal_usage.ChangedIntervalDaysView.as_view(),
        name="meter-changes-interval-days",
    ),
    path(
        f"{_AT}/changes/monthly-usage",
        internal_usage.ChangedMonthlyUsagesView.as_view(),
        name="meter-changes-monthly-usage",
    ),
]
