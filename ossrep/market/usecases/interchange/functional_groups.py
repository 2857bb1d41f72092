"""Which functional group (GS01) carries a transaction set: a table of the project."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.market.edi.errors import Fault
from ossrep.market.edi.x12.model import TransactionSet

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


def functional_faults(*, found: TransactionSet, functional_id: str) -> tuple[Fault, ...]:
    """A fault where the table says that a set belongs into a group of another GS01."""
    wanted = _table().get(found.code)
    if wanted is None or wanted == functional_id:
        return ()
    return (
        Fault(
            code="set_of_other_group",
            message=f"a set {found.code} does not belong into a group {clean_id(functional_id)}",
            tag="ST",
            segment=1,
            element=1,
            position=found.offset,
            rule="X12 004010 GS01",
            expected=f"GS01 {wanted}",
            found=clean_id(functional_id),
        ),
    )


def clean_id(functional_id: str) -> str:
    """A GS01 as it can be shown, however long it came."""
    return ascii(functional_id)[1:-1][:20]


@cache
def _table() -> Mapping[str, str]:
    rows = read_yaml(path=TABLE).data
    return {code: str(row["functional_id"]) for code, row in rows.items()}
