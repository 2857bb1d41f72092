"""The admin with the embedded provider as the place where staff sign in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from ossrep.infra.auth import issuers, revocation, tokens
from ossrep.infra.oidc.clients import register_portal
from ossrep.infra.staff import backend, provider
from tests.integration.infra.oidc.portal import make_user
from tests.integration.infra.staff.operator_browser import ADMIN

CACHES = (
    issuers.configured_issuers,
    tokens.verifier,
    revocation.revoked,
    provider._discovered,
    backend._keys,
)


@pytest.fixture(autouse=True)
def fresh_caches(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture
def embedded(db: None, settings: Any) -> None:
    """Staff sign in at the embedded provider."""
    settings.OSSREP_STAFF_ISSUER = settings.OSSREP_OIDC_ISSUER
    registered = register_portal(
        client_id="ossrep-admin",
        name="Operators' admin",
        redirect_uris=[f"{ADMIN}/admin/sign-in/callback"],
        post_logout_redirect_uris=[f"{ADMIN}/admin/login/"],
        is_public=False,
    )
    settings.OSSREP_STAFF_CLIENT_SECRET = registered.secret


@pytest.fixture
def casey(db: None) -> User:
    """An operator with the role csr."""
    user = make_user("casey", role="csr")
    user.is_staff = True
    user.save()
    return user
