"""What happens to tests whose real server is not installed."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing_service(reason: str) -> NoReturn:
    """Skips, or fails where all services are required (``OSSREP_REQUIRE_SERVICES``)."""
    if os.environ.get("OSSREP_REQUIRE_SERVICES"):
        pytest.fail(f"required by OSSREP_REQUIRE_SERVICES: {reason}")
    pytest.skip(reason)
