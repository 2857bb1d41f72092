"""The 824: an 867_03 or 810_02 refused for its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.texas_set.model import Party, Reason, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedDocument:
    """OTI: ``reference`` is the BPT02 or BIG02, ``set_code`` ``867`` or ``810``.

    ``acknowledgment`` is OTI01, ``qualifier`` OTI02.
    """

    acknowledgment: str = "TR"
    qualifier: str
    reference: str
    set_code: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text in words (NTE*ADD)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAdvice(Transaction):
    """824: to the wires company for an invoice, through ERCOT for usage (``ercot`` is set).

    ``rejects`` are codes of RMG Appendix D2 with their texts (REF*7G).
    """

    kind: ClassVar[str] = "824"

    ercot: Party | None = None
    document: RejectedDocument
    rejects: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()
