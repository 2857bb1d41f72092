"""Accounts above and below each other."""

from __future__ import annotations

from typing import Final

LEVELS_MAX: Final = 6
"""Accounts from the top one down to the deepest, both counted."""
