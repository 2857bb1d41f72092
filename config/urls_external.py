"""What portals and the public may call."""

from __future__ import annotations

from django.conf import settings
from django.urls import path
from django.views.generic import RedirectView

from ossrep.infra.auth.back_channel import BackChannelLogoutView
from ossrep.infra.oidc import urls as oidc_urls
from ossrep.infra.web.documents import DocumentView, PageView
from ossrep.infra.web.surfaces import Route, collect

urlpatterns: list[Route] = [
    # First, because most calls are for them, and Django tries one after the other.
    *collect(surface="external"),
    path("docs", RedirectView.as_view(url="/docs/", permanent=False), name="docs"),
    path("docs/", PageView.as_view(surface="external"), name="docs-external"),
    path(
        "docs/openapi.json",
        DocumentView.as_view(surface="external"),
        name="docs-external-document",
    ),
    path(
        "auth/back-channel-logout",
        BackChannelLogoutView.as_view(),
        name="auth-back-channel-logout",
    ),
    *(oidc_urls.ROUTES if settings.OSSREP_OIDC_ISSUER else []),
]

handler404 = "ossrep.infra.web.problems.unknown_address"
