"""What operators and other services may call; never reachable from outside."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from ossrep.infra.staff import views as staff_views
from ossrep.infra.web.documents import DocumentView, PageView
from ossrep.infra.web.ended_access import EndedAccessView
from ossrep.infra.web.services import ServiceCallView
from ossrep.infra.web.surfaces import Route, collect

urlpatterns: list[Route] = [
    path("", RedirectView.as_view(url="/admin/", permanent=False), name="home"),
    *staff_views.ROUTES,
    path("admin/", admin.site.urls),
    path("docs/internal/", PageView.as_view(surface="internal"), name="docs-internal"),
    path(
        "docs/internal/openapi.json",
        DocumentView.as_view(surface="internal"),
        name="docs-internal-document",
    ),
    path("api/v1/ended-access", EndedAccessView.as_view(), name="auth-ended-access"),
    path(
        "api/v1/services/<slug:context>/<slug:method>",
        ServiceCallView.as_view(),
        name="services-call",
    ),
    *collect(surface="internal"),
]

handler404 = "ossrep.infra.web.problems.unknown_address"
