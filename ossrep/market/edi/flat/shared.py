"""What the readers and writers of both flattened formats share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ossrep.market.edi.flat.model import Row, cannot_write
from ossrep.market.edi.texas_set.model import Party


def merge_head(rows: Sequence[Row], names: Iterable[str]) -> Row:
    """The first row, once it is sure that all rows of a document agree on these fields."""
    first = rows[0]
    for name in names:
        expected = first.text(name)
        for row in rows[1:]:
            if row.text(name) != expected:
                raise row.wrong(name, f"{expected!r}, as line {first.number} of the document has")
    return first


def party(row: Row, role: str) -> Party | None:
    """Name and DUNS number of a party; None where neither is there."""
    name, duns = row.text(f"{role}_name"), row.text(f"{role}_duns")
    return Party(name, duns) if name or duns else None


def refuse_fields(value: object, names: Iterable[str], layout: str) -> None:
    """Refuses to write what the layout has no field for."""
    for name in names:
        found: Any = getattr(value, name)
        if found:
            raise cannot_write(layout, f"{name.replace('_', ' ')} ({found})"[:80])
