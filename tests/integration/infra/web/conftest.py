from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ossrep.infra.auth.matrix import matrix
from tests.integration.infra.web import probe
from tests.token_issuer import TokenIssuer


@pytest.fixture
def probe_site(settings: Any, tmp_path: Path) -> Iterator[None]:
    """The probe's routes and matrix instead of the product's."""
    path = tmp_path / "role_matrix.yaml"
    path.write_text(probe.MATRIX)
    settings.OSSREP_ROLE_MATRIX = path
    settings.ROOT_URLCONF = "tests.integration.infra.web.probe"
    matrix.cache_clear()
    probe.TopicsView.effects.clear()
    probe.TopicsView.pause_seconds = 0.0
    probe.DefectView.calls.clear()
    yield
    matrix.cache_clear()


@pytest.fixture
def caller(probe_site: None, token_issuer: TokenIssuer) -> Callable[..., Client]:
    """Makes a client with a token of the roles given (None: without token)."""

    def make(*roles: str, **claims: Any) -> Client:
        return Client(headers=bearer(token_issuer.token(roles=list(roles), **claims)))

    return make


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
