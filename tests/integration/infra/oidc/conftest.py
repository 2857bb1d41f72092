"""The portal's client, a user and their browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from ossrep.infra.auth import issuers, revocation, tokens
from tests.integration.infra.oidc.portal import Portal, make_user, register


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    caches = (issuers.configured_issuers, tokens.verifier, revocation.revoked)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def user(db: None) -> User:
    register()
    return make_user()


@pytest.fixture
def portal(user: User) -> Portal:
    return Portal(user)
