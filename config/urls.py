"""Both surfaces in one process, for one machine; behind a gateway each is a deployment."""

from __future__ import annotations

from config import urls_external, urls_internal
from ossrep.infra.web.surfaces import Route

urlpatterns: list[Route] = [*urls_external.urlpatterns, *urls_internal.urlpatterns]

handler404 = "ossrep.infra.web.problems.unknown_address"
