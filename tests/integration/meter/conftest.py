"""The first ten invented ESI IDs belong to premises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.meter.importing import known_esi_ids


@pytest.fixture(autouse=True)
def _known_premises() -> Iterator[None]:
    with known_esi_ids():
        yield
