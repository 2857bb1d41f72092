"""What portals and the public may call."""

from __future__ import annotations

from ossrep.infra.web.surfaces import Route, collect

urlpatterns: list[Route] = collect(surface="external")
