"""From what a transaction means to its segments."""

from __future__ import annotations

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.writing import write_segments
from ossrep.market.edi.texas_set.kinds import KINDS, WITH_INTERVALS, guide_of
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage_segments import write_usage
from ossrep.market.edi.x12.model import Segment


def write_transaction(
    transaction: Transaction, /, *, control_number: str = "0001"
) -> list[Segment]:
    """ST to SE with the right count, always in the order of the guide table.

    ``control_number`` goes into ST02 and SE02. ``EdiError`` where a value is missing, too long,
    of no binding list, or has a character that separates.
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
    return write(guide_of(transaction.kind), transaction, control_number=control_number)
