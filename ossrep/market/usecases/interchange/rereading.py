"""A stored set read again from its file's bytes: to show it, or to process it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ossrep.market.db import connection
from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.model import Separators, TransactionSet
from ossrep.market.models import InboundSet
from ossrep.market.usecases.interchange.flat_files import read_flat
from ossrep.market.usecases.interchange.flat_items import items_of_flat_file
from ossrep.market.usecases.interchange.items import NOT_READ, Item, read_item, told
from ossrep.market.usecases.interchange.storing import CHUNK_BYTES, read_bytes
from ossrep.market.usecases.receiving import Outcome

LINE_ENDS = "\r\n"


# Only the parts of chunks that are wanted leave the database.
_SLICES = """
    SELECT w.id, substring(c.data FROM (greatest(w.first - c."offset", 0) + 1)::int
                           FOR (w.past - greatest(w.first, c."offset"))::int)
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
         AS w (id, file_id, first, past)
    JOIN inbound_chunk c ON c.file_id = w.file_id
         AND c."offset" < w.past AND c."offset" > w.first - %s
    ORDER BY w.id, c."offset"
"""


def raw_sets(*, stored: Sequence[InboundSet]) -> Mapping[int, bytes]:
    """The bytes of sets as they came, by the sets' ids."""
    parts: dict[int, list[bytes]] = {each.pk: [] for each in stored}
    columns = [
        [each.pk for each in stored],
        [each.file_id for each in stored],
        [each.raw_offset for each in stored],
        [each.raw_offset + each.raw_length for each in stored],
    ]
    with connection().cursor() as cursor:
        cursor.execute(_SLICES, [*columns, CHUNK_BYTES])
        for set_id, part in cursor.fetchall():
            parts[set_id].append(bytes(part))
    return {set_id: b"".join(found) for set_id, found in parts.items()}


def raw_set(*, stored: InboundSet) -> bytes:
    """The bytes of a set as they came."""
    return raw_sets(stored=[stored])[stored.pk]


def reread_sets(*, stored: Sequence[InboundSet]) -> list[Item]:
    """Sets as items without outcome, in their order; unreadable still, one has an outcome."""
    raw = raw_sets(stored=[each for each in stored if each.group.interchange_id is not None])
    return [_reread(each, raw.get(each.pk, b"")) for each in stored]


def _reread(stored: InboundSet, raw: bytes) -> Item:
    item = Item(
        place=stored.place,
        code=stored.code,
        control_number=stored.control_number,
        offset=stored.raw_offset,
        length=stored.raw_length,
        body_sha256=bytes(stored.body_sha256),
        kind=stored.kind,
        set_id=stored.pk,
        partner=stored.partner.code if stored.partner else "",
        received_at=stored.received_at,
    )
    interchange = stored.group.interchange
    if interchange is None:
        _read_document(item, stored)
    else:
        marks = interchange.separators
        separators = Separators(element=marks[0], component=marks[1], terminator=marks[2])
        read_item(item, cut_set(raw, separators), separators)
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
