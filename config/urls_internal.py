"""What operators and other services may call; never reachable from outside."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from ossrep.infra.web.surfaces import Route, collect

urlpatterns: list[Route] = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("admin/", admin.site.urls),
    *collect(surface="internal"),
]
