"""What a transaction says and its guide table has no place for: refused, not left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.guide.plan import Guide, Node

_OWN = ("unknown", "strays")


def refuse_unplaced(guide: Guide, transaction: object, *, besides: Collection[str] = ()) -> None:
    """``EdiError`` for the first value that no element of the table writes.

    ``besides`` are fields that are written otherwise.
    """
    _check(guide.root, transaction, guide.kind, {*_OWN, *besides})


def _check(node: Node, value: object, place: str, besides: Collection[str]) -> None:
    for field in dataclasses.fields(value):  # type: ignore[arg-type]  # built by the node
        if field.name in besides or field.name in node.fields:
            continue
        found = getattr(value, field.name)
        if found != field.default:
            raise EdiError(
                Fault(
                    code="value_unplaced",
                    message=f"{place} has no place for {field.name} ({found!s:.60})",
                    tag=node.tag,
                    rule=node.rule,
                    found=str(found)[:80],
                )
            )
    for child in node.children.nodes if node.children else ():
        if child.field:
            below = getattr(value, child.field)
            items = below if isinstance(below, tuple) else (below,) if below is not None else ()
            for item in items:
                _check(child, item, f"{place} {child.name}", besides)
