"""One transaction set on its way through the mailroom: read, not yet applied."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.reading import identify, read_transaction
from ossrep.market.edi.x12.acknowledging import SetOutcome
from ossrep.market.edi.x12.model import Separators, TransactionSet
from ossrep.market.usecases.receiving import Outcome

REFERENCE_CHARS_MAX = 60
ESI_CHARS_MAX = 64
TEXT_CHARS_MAX = 2_000
FAULTS_TOLD_MAX = 10

FUNCTIONAL_ID_OF_997 = "FA"
SYNTAX = "syntax"
NOT_READ = "not_read"
UNEXPECTED = "unexpected"

log = logging.getLogger(__name__)

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(slots=True, kw_only=True)
class Item:
    """A set with its place in the file, and its transaction or the outcome that stands already.

    ``needs_person``: a work item is to be opened whatever the outcome; ``note`` tells more of it.
    ``was_handled``: the outcome is that of the kind's handler. ``partner`` is the code of who
    sent it; with ``received_at`` it is known before the item is applied.
    """

    place: int
    code: str
    control_number: str
    offset: int
    length: int
    body_sha256: bytes
    kind: str = ""
    transaction: Transaction | None = None
    faults: tuple[Fault, ...] = ()
    outcome: Outcome | None = None
    needs_person: bool = False
    was_handled: bool = False
    note: str = ""
    set_id: int = 0
    partner: str = ""
    received_at: dt.datetime | None = None

    @property
    def reference(self) -> str:
        """The sender's own number; empty where the content could not be read."""
        return self._cut(self.transaction.reference if self.transaction else "")

    @property
    def original_reference(self) -> str:
        """The number of what it answers, cancels or follows."""
        return self._cut(self.transaction.original_reference if self.transaction else "")

    @property
    def esi_id(self) -> str:
        """Empty where it has none or could not be read."""
        return clean(self.transaction.esi_id, ESI_CHARS_MAX) if self.transaction else ""

    @property
    def tdsp_duns(self) -> str:
        """The DUNS of the TDSP that it names, else empty."""
        tdsp = self.transaction.tdsp if self.transaction else None
        return clean(tdsp.duns, 20) if tdsp else ""

    def settle(self, outcome: Outcome, *, needs_person: bool) -> None:
        """Gives the item its outcome."""
        self.outcome = outcome
        self.needs_person = needs_person

    def _cut(self, text: str) -> str:
        return clean(text, REFERENCE_CHARS_MAX)


def clean(text: str, chars_max: int) -> str:
    """A text that PostgreSQL can keep, not longer than its column."""
    return _NO_TEXT.sub("?", text)[:chars_max] if text else ""


def item_of_set(*, found: TransactionSet, place: int, body_sha256: bytes) -> Item:
    """A set, unread; one with faults has its outcome already."""
    item = Item(
        place=place,
        code=clean(found.code, 6),
        control_number=clean(found.control_number, 14),
        offset=found.offset,
        length=found.length,
        body_sha256=body_sha256,
        faults=found.faults,
    )
    if found.faults:
        item.settle(
            Outcome(state="rejected", code=SYNTAX, text=told(found.faults)), needs_person=True
        )
    return item


def read_item(item: Item, found: TransactionSet, separators: Separators) -> None:
    """Reads the content; what our tables cannot read is parked for a person, never refused.

    X12 cannot tell the sender of it, and a table that is completed lets it be read later.
    """
    try:
        item.kind = clean(identify(found), 8)
        item.transaction = read_transaction(found, separators=separators)
    except EdiError as error:
        item.settle(
            Outcome(state="parked", code=NOT_READ, text=told([error.fault])), needs_person=True
        )
    except Exception as error:
        log.exception("set %s cannot be read", found.control_number)
        item.settle(unexpected(error), needs_person=True)


def unexpected(error: Exception) -> Outcome:
    """The outcome of a set that our own code failed on: it waits until the fault is mended."""
    text = f"our own fault, nothing of it was applied: {type(error).__name__}: {error}"
    return Outcome(state="parked", code=UNEXPECTED, text=clean(text, TEXT_CHARS_MAX))


def x12_outcome(item: Item) -> SetOutcome:
    """What the 997 says of a set: syntax only, whatever became of the content."""
    return SetOutcome(sys.intern(item.code), item.control_number, item.faults)


def told(faults: Sequence[Fault]) -> str:
    """Faults as a person reads them."""
    lines = [f"{f.where}: {f.message}" if f.where else f.message for f in faults]
    more = len(lines) - FAULTS_TOLD_MAX
    shown = lines[:FAULTS_TOLD_MAX] + ([f"and {more} more"] if more > 0 else [])
    return clean("; ".join(shown), TEXT_CHARS_MAX)


def body_hash(raw: bytes, separators: Separators) -> bytes:
    """SHA-256 of what stands between ST and SE: the same content under any control number."""
    start = max(raw.find(separators.terminator.encode("latin-1")), 0)
    last = raw.rfind(b"SE" + separators.element.encode("latin-1"))
    return hashlib.sha256(memoryview(raw)[start : max(last, start)]).digest()
