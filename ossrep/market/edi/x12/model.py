"""What a file of X12 consists of. Everything is immutable by agreement; nothing here checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    ``length`` counts the bytes up to and with the terminator of SE, so that the raw set is
    ``file[offset : offset + length]``; both are 0 in what was never a file. ``faults`` are those
    of the envelope and of plain syntax: a wrong count in SE01, a control number that differs, a
    character that no element may hold.
    """

    code: str
    control_number: str
    segments: Sequence[Segment]
    offset: int = field(default=0, compare=False)
    faults: tuple[Fault, ...] = ()
    length: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """GS to GE: ``functional_id`` is GS01 (GE for the 814, PT, IN, MO, RA, AG, FA).

    ``trailer`` is GE as it came; empty where it is missing or is still to be written.
    """

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
    trailer: Segment = field(default_factory=list, compare=False)
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA to IEA; ``header`` is the ISA as it came. Ids are without their padding.

    ``acknowledgments`` are TA1 segments; ``trailer`` is IEA as it came, empty where it is missing
    or still to be written; ``tail`` what stood after its terminator, None for the usual line end.
    Anything but ``P`` in ISA15 counts as a test.
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
    trailer: Segment = field(default_factory=list, compare=False)
    tail: str | None = field(default=None, compare=False)
    offset: int = field(default=0, compare=False)
