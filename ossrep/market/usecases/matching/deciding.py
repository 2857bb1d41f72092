"""Which faults of content refuse a document, and which ask a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import read_yaml
from ossrep.market.edi.errors import Fault

TABLE = Path(__file__).parents[2] / "data" / "content_faults.yaml"


def find_refusal(*, kind: str, faults: Sequence[Fault]) -> Fault | None:
    """The first fault for which documents of this kind are refused with an 824."""
    decisions = _table()[kind]
    return next((f for f in faults if decisions.get(f.code, {}).get("decision") == "refuse"), None)


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]] = read_yaml(path=TABLE).data
    return rows
