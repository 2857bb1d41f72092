"""What a file of X12 consists of. Everything is immutable by agreement; nothing here checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.market.edi.errors import Fault

Segment = list[str]
"""``["REF", "Q5", "", "1044..."]``: the tag, then the elements, so that index 3 is REF03.

Lists, because splitting gives them and nothing is quicker; treat them as read-only. Trailing
empty elements are kept as they came. A composite element is one string with its separators.
"""


@dataclass(frozen=True, slots=True)
class Separators:
    """As the interchange header declares them; we write ``*``, ``>`` and ``~``.

    ``line_end`` is what stands after each terminator (nothing, LF or CRLF), so that a file can
    be written back byte for byte.
    """

    element: str = "*"
    component: str = ">"
    terminator: str = "~"
    line_end: str = ""


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """ST to SE. ``segments`` holds both; ``offset`` is the byte where ST begins.

    ``faults`` are those of the envelope: a wrong count in SE01, a control number that differs.
    """

    code: str
    control_number: str
    segments: Sequence[Segment]
    offset: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """GS to GE: ``functional_id`` is GS01 (GE for the 814, PT, IN, MO, RA, AG, FA)."""

    functional_id: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str
    agency: str
    version: str
    sets: tuple[TransactionSet, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA to IEA; ``header`` is the ISA as it came. Ids are without their padding.

    ``acknowledgments`` are TA1 segments.
    """

    separators: Separators
    header: Segment
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control_number: str
    wants_acknowledgment: bool
    is_test: bool
    groups: tuple[Group, ...]
    acknowledgments: tuple[Segment, ...] = ()
    faults: tuple[Fault, ...] = ()
