"""Files with usage and invoices, as they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.market_matching import Post


@pytest.fixture
def post(tmp_path: Path) -> Post:
    """Files that come one after the other, from ERCOT and Oncor."""
    return Post(tmp_path)
