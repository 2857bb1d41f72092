"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.customer.rest import internal_urls
from ossrep.customer.rest.enrollment_routes import ROUTES as ENROLLMENT
from ossrep.customer.rest.login_urls import LOGIN_ROUTES
from ossrep.customer.rest.me_routes import ROUTES as ME
from ossrep.infra.web.surfaces import Route

EXTERNAL: Sequence[Route] = [*ME, *ENROLLMENT, *LOGIN_ROUTES]
INTERNAL: Sequence[Route] = [*internal_urls.ROUTES]
