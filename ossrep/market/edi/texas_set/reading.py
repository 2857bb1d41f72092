"""From a transaction set to what it means. Everything that is wrong is an ``EdiError``."""

from __future__ import annotations

from dataclasses import replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.identifying import identify_set
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.kinds import KINDS, WITH_INTERVALS, guide_of
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage_segments import read_usage
from ossrep.market.edi.x12.model import Separators, TransactionSet


def identify(found: TransactionSet, /) -> str:
    """The kind of a set, ``814_16`` for one: BGN08, then BGN07 (814), BGN (650), BPT (867).

    ``EdiError``: ``kind_unknown``; ``kind_conflict`` where LIN07 or LIN09 says otherwise.
    """
    return identify_set(found)


def read_transaction(
    found: TransactionSet, /, *, separators: Separators | None = None
) -> Transaction:
    """The dataclass of the set's kind, by its guide table.

    ``EdiError`` with segment (ST is 1), element, rule, what was expected and found; with the
    interchange's ``separators`` also the byte in the file. Codes that no list knows are kept.
    """
    kind = identify(found)
    if kind not in KINDS:
        raise EdiError(
            Fault(
                code="kind_unread",
                message=f"a {kind} is no transaction with a guide table",
                tag="ST",
                segment=1,
                expected=", ".join(sorted(KINDS)),
                found=kind,
            )
        )
    try:
        read = read_usage if kind in WITH_INTERVALS else read_segments
        return read(guide_of(kind), found.segments)
    except EdiError as error:
        raise _at_byte(error, found, separators) from None


def _at_byte(error: EdiError, found: TransactionSet, separators: Separators | None) -> EdiError:
    if separators is None or error.fault.segment is None:
        return error
    ends = len(separators.terminator) + len(separators.line_end)
    before = found.segments[: error.fault.segment - 1]
    bytes_before = sum(len("*".join(segment).encode()) + ends for segment in before)
    return EdiError(replace(error.fault, position=found.offset + bytes_before))
