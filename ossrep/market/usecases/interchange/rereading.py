"""A stored set read again from its file's bytes: to show it, or to process it once more."""

from __future__ import annotations

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.model import Separators, TransactionSet
from ossrep.market.models import InboundChunk, InboundSet
from ossrep.market.usecases.interchange.flat_files import read_flat
from ossrep.market.usecases.interchange.flat_items import items_of_flat_file
from ossrep.market.usecases.interchange.items import NOT_READ, Item, read_item, told
from ossrep.market.usecases.interchange.storing import read_bytes
from ossrep.market.usecases.receiving import Outcome

LINE_ENDS = "\r\n"


def read_slice(*, file_id: int, offset: int, length: int) -> bytes:
    """A part of a stored file."""
    end = offset + length
    parts = []
    chunks = InboundChunk.objects.filter(file_id=file_id, offset__lt=end).order_by("offset")
    for start, data in chunks.values_list("offset", "data"):
        if start + len(data) > offset:
            parts.append(bytes(data[max(offset - start, 0) : end - start]))
    return b"".join(parts)


def raw_set(*, stored: InboundSet) -> bytes:
    """The bytes of a set as they came."""
    return read_slice(file_id=stored.file_id, offset=stored.raw_offset, length=stored.raw_length)


def reread(*, stored: InboundSet) -> Item:
    """The set as an item without outcome; unreadable still, it has one."""
    item = Item(
        place=stored.place,
        code=stored.code,
        control_number=stored.control_number,
        offset=stored.raw_offset,
        length=stored.raw_length,
        body_sha256=bytes(stored.body_sha256),
        kind=stored.kind,
        set_id=stored.pk,
    )
    interchange = stored.group.interchange
    if interchange is None:
        _read_document(item, stored)
    else:
        marks = interchange.separators
        separators = Separators(element=marks[0], component=marks[1], terminator=marks[2])
        read_item(item, cut_set(raw_set(stored=stored), separators), separators)
    return item


def cut_set(raw: bytes, separators: Separators) -> TransactionSet:
    """A set from its bytes alone."""
    pieces = raw.decode("latin-1").split(separators.terminator)
    ends = "".join(mark for mark in LINE_ENDS if mark != separators.terminator)
    segments = [
        piece.strip(ends).split(separators.element) for piece in pieces if piece.strip(ends)
    ]
    head = [*(segments[0] if segments else []), "", "", ""]
    return TransactionSet(head[1], head[2], segments, length=len(raw))


def _read_document(item: Item, stored: InboundSet) -> None:
    try:
        found = read_flat(read_bytes(file_id=stored.file_id))
    except EdiError as error:
        outcome = Outcome(state="parked", code=NOT_READ, text=told([error.fault]))
        item.settle(outcome, needs_person=True)
        return
    again = list(items_of_flat_file(file=found, data=b""))[stored.place - 1]
    item.transaction, item.kind, item.outcome = again.transaction, again.kind, again.outcome
