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


ERCOT = Party("ERCOT", "183529049")


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment that the guide table does not know, and after how many known ones it stood.

    It is kept, shown and written back in its place; nothing that arrives is dropped. ST does not
    count: after 0 known ones is directly behind ST.
    """

    after: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class Stray:
    """An element of a known segment that came otherwise than the guide table would write it.

    ``place`` is the way to the segment (``NM1*MQ#2/REF*MT``, counted from 1), ``element`` its
    number, ``value`` what stood there, empty included. Element 0 says that the segment came
    shorter: ``value`` is the number of its last element. All are kept, shown and written back.
    """

    place: str
    element: int
    value: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with its time, where one came: DTM02 with DTM03, in the market's local time.

    24:00 is read as 00:00 of the next day.
    """

    date: dt.date
    time: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its text as sent: reject (REF*7G), status (REF*1P), unexecutable (REF*G7)."""

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A customer, or the contact at a place, with its address (N1*8R loop)."""

    name: str
    extra_name: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    contact_name: str = ""
    phone: str = ""
    second_phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The head of every Texas SET transaction; subclasses add what their kind carries.

    ``kind`` is ``814_01``, ``650_02``, ``867_03``, ``810_02`` and so on. ``reference`` is the
    sender's own unique id (BGN02, BPT02, BIG02), up to 30 characters; ``original_reference``
    that of the transaction it answers, cancels or follows, else empty. ``esi_id`` is empty where
    a kind has none (820). ``unknown`` are segments and ``strays`` elements kept in place.
    """

    kind: ClassVar[str]

    reference: str
    date: dt.date
    original_reference: str = ""
    esi_id: str = ""
    tdsp: Party | None = None
    retailer: Party | None = None
    unknown: tuple[Placed, ...] = ()
    strays: tuple[Stray, ...] = ()
