"""The table ``functional_groups.yaml``: which functional group (GS01) carries a transaction set."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from importlib import resources

import yaml

from ossrep.kernel.errors import DomainError
from ossrep.market.edi.errors import Fault
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.edi.x12.syntax import shortened

TABLE = "functional_groups.yaml"


class UnknownSetCode(DomainError):
    """A transaction set without a functional group in the table."""

    code = "unknown_set_code"


def functional_id_of(*, set_code: str) -> str:
    """GS01 of an ST01 (``814`` gives ``GE``); ``UnknownSetCode`` where the table has none."""
    found = _table().get(set_code)
    if found is None:
        raise UnknownSetCode(f"no functional group is known for set {set_code!r}", where=TABLE)
    return found


def check_group_of_set(*, found: TransactionSet, functional_id: str) -> TransactionSet:
    """The set, with a fault where the table says that it belongs into a group of another GS01.

    Sets that the table does not know, and those without a group header, are left as they are.
    """
    wanted = _table().get(found.code)
    if wanted is None or functional_id in ("", wanted):
        return found
    came = shortened(functional_id)
    fault = Fault(
        code="set_of_other_group",
        message=f"a set {found.code} does not belong into a group {came}",
        tag="ST",
        segment=1,
        element=1,
        position=found.offset,
        rule="X12 004010 GS01",
        expected=f"GS01 {wanted}",
        found=came,
    )
    return dataclasses.replace(found, faults=(*found.faults, fault))


@functools.cache
def _table() -> Mapping[str, str]:
    text = resources.files(__package__).joinpath(TABLE).read_text("utf-8")
    return {code: str(row["functional_id"]) for code, row in yaml.safe_load(text).items()}
