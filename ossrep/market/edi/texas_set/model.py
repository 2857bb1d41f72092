"""What all typed transactions share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from ossrep.market.edi.x12.model import Segment


@dataclass(frozen=True, slots=True)
class Party:
    """A name and a DUNS number of 9 digits, or 13 with its suffix (N1 loop)."""

    name: str
    duns: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment that the guide table does not know, and after how many known ones it stood.

    It is kept, shown and written back in its place; nothing that arrives is dropped.
    """

    after: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its text as sent: reject (REF*7G), status (REF*1P), unexecutable (REF*G7)."""

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The head of every Texas SET transaction; subclasses add what their kind carries.

    ``kind`` is ``814_01``, ``650_02``, ``867_03``, ``810_02`` and so on. ``reference`` is the
    sender's own unique id (BGN02, BPT02, BIG02), up to 30 characters; ``original_reference``
    that of the transaction it answers, cancels or follows, else empty. ``esi_id`` is empty where
    a kind has none (820). ``unknown`` are segments kept in place.
    """

    kind: ClassVar[str]

    reference: str
    date: dt.date
    original_reference: str = ""
    esi_id: str = ""
    tdsp: Party | None = None
    retailer: Party | None = None
    unknown: tuple[Placed, ...] = ()
