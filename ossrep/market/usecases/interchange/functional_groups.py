"""Which functional group (GS01) carries a transaction set: a table of the project."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.errors import DomainError

TABLE = Path(__file__).parents[2] / "data" / "functional_groups.yaml"


class UnknownSetCode(DomainError):
    """A transaction set without a functional group in the table."""

    code = "unknown_set_code"


def functional_id_of(*, set_code: str) -> str:
    """GS01 of an ST01 (``814`` gives ``GE``); ``UnknownSetCode`` where the table has none."""
    found = _table().get(set_code)
    if found is None:
        raise UnknownSetCode(f"no functional group is known for set {set_code!r}", where=str(TABLE))
    return found


@cache
def _table() -> Mapping[str, str]:
    rows = read_yaml(path=TABLE).data
    return {code: str(row["functional_id"]) for code, row in rows.items()}
