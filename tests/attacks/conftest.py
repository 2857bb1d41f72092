"""The world that is attacked: billed once for all modules, each of which gets a copy."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from ossrep.infra.auth import issuers, revocation, tokens
from tests.attacks.world import World, make_tokens, make_world
from tests.conftest import copy_database, drop_database, own_database
from tests.feed_horizon import wait_for_all_before
from tests.token_issuer import TokenIssuer


@pytest.fixture(scope="session")
def kept_world(
    django_db_setup: None,
    django_db_blocker: Any,
    running_issuer: TokenIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, World]]:
    """A database that is only copied, and what is in it."""
    with django_db_blocker.unblock():
        with own_database("attacked") as name:
            world = make_world(folder=tmp_path_factory.mktemp("demo"), issuer=running_issuer)
            wait_for_all_before()
            kept = f"{name}_kept"
            copy_database(name, kept)
        yield kept, world
        drop_database(kept)


@pytest.fixture(scope="module")
def made_world(kept_world: tuple[str, World], django_db_blocker: Any) -> Iterator[World]:
    """The module's own copy; commits are real."""
    kept, world = kept_world
    with django_db_blocker.unblock(), own_database("attacks", source=kept):
        yield world


@pytest.fixture
def world(made_world: World, token_issuer: TokenIssuer, settings: Any) -> World:
    """The world, without limits of calls: what refuses must not be the counting."""
    settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = settings.OSSREP_CALLS_PER_MINUTE_CLIENT = 10**9
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    for kept in (issuers.configured_issuers, tokens.verifier, revocation.revoked):
        kept.cache_clear()
    return dataclasses.replace(made_world, tokens=make_tokens(token_issuer))
