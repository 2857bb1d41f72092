"""Which endpoints a process answers: each context lists its own, external and internal apart.

A context offers them in ``ossrep/<context>/rest/urls.py``::

    EXTERNAL: Sequence[Route] = [path("api/accounts", AccountsView.as_view(), name="accounts")]
    INTERNAL: Sequence[Route] = []
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Literal

from django.urls import URLPattern, URLResolver

from ossrep.infra.database import installed

Route = URLPattern | URLResolver
Surface = Literal["external", "internal"]


def collect(*, surface: Surface, contexts: Sequence[str] | None = None) -> list[Route]:
    """The routes that contexts (None: all of this process) offer on a surface, in order."""
    found: list[Route] = []
    for context in installed() if contexts is None else contexts:
        path = f"ossrep.{context}.rest.urls"
        if importlib.util.find_spec(f"ossrep.{context}.rest") is None:
            continue
        module = importlib.import_module(path)
        found += module.EXTERNAL if surface == "external" else module.INTERNAL
    return found
