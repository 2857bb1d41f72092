"""The documents of a service provider's flat file as items of the mailroom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ossrep.market.edi.flat.model import FlatFile
from ossrep.market.usecases.interchange.items import NOT_READ, Item, clean, told
from ossrep.market.usecases.receiving import Outcome


def items_of_flat_file(*, file: FlatFile, data: bytes) -> Iterator[Item]:
    """The documents of a provider's file."""
    starts = _line_starts(data)
    for place, document in enumerate(file.documents, start=1):
        joined = "\n".join(document.lines).encode("utf-8", "replace")
        item = Item(
            place=place,
            code=document.kind[:3],
            control_number=str(place),
            offset=starts[min(document.line, len(starts)) - 1],
            length=len(joined),
            body_sha256=hashlib.sha256(joined).digest(),
            kind=clean(document.kind, 8),
            transaction=document.transaction,
        )
        if document.transaction is None:
            item.settle(
                Outcome(state="parked", code=NOT_READ, text=told(document.faults)),
                needs_person=True,
            )
        yield item


def _line_starts(data: bytes) -> list[int]:
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts
