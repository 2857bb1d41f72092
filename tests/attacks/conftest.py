"""The world that is attacked: one for each module."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from ossrep.infra.auth import issuers, revocation, tokens
from tests.attacks.world import World, make_world
from tests.token_issuer import TokenIssuer


@pytest.fixture(scope="module")
def made_world(
    module_database: str, running_issuer: TokenIssuer, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """Loaded and billed once."""
    return make_world(folder=tmp_path_factory.mktemp("demo"), issuer=running_issuer)


@pytest.fixture
def world(made_world: World, token_issuer: TokenIssuer, settings: Any) -> World:
    """The world, without limits of calls: what refuses must not be the counting."""
    settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = settings.OSSREP_CALLS_PER_MINUTE_CLIENT = 10**9
    cache.clear()
    for kept in (issuers.configured_issuers, tokens.verifier, revocation.revoked):
        kept.cache_clear()
    return made_world
