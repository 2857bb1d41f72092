"""How much of the attacks is in the normal set of tests; the long one has all."""

from __future__ import annotations

import pytest

SHARE = 8  # One of so many.
FULL = pytest.mark.parametrize(
    "step", [SHARE, pytest.param(1, marks=pytest.mark.long)], ids=["share", "full"]
)
