"""From what a transaction means to its segments."""

from __future__ import annotations

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.identifying import identify_set
from ossrep.market.edi.texas_set.guide.writing import write_segments
from ossrep.market.edi.texas_set.kinds import KINDS, WITH_INTERVALS, guide_of
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage_segments import write_usage
from ossrep.market.edi.x12.model import Segment, TransactionSet


def write_transaction(
    transaction: Transaction, /, *, control_number: str = "0001"
) -> list[Segment]:
    """ST to SE with the right count, always in the order of the guide table.

    ``control_number`` goes into ST02 and SE02. ``EdiError`` where a value is missing, too long,
    of no binding list, has a character that separates, or makes it another kind.
    """
    if transaction.kind not in KINDS:
        raise EdiError(
            Fault(
                code="kind_unwritten",
                message=f"a {transaction.kind} is no transaction with a guide table",
                expected=", ".join(sorted(KINDS)),
                found=transaction.kind,
            )
        )
    write = write_usage if transaction.kind in WITH_INTERVALS else write_segments
    guide = guide_of(transaction.kind)
    segments = write(guide, transaction, control_number=control_number)
    _check_kind(transaction.kind, TransactionSet(guide.code, control_number, segments, 0))
    return segments


def _check_kind(kind: str, written: TransactionSet) -> None:
    """Its values must not make it another kind (an 814_16 that asks for a move-out)."""
    found = identify_set(written)
    if found != kind:
        raise EdiError(
            Fault(
                code="kind_conflict",
                message=f"a {kind} with these values would be read as a {found}",
                rule="identify.yaml",
                expected=kind,
                found=found,
            )
        )
