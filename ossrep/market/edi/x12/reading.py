"""A whole file at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ossrep.market.edi.x12.model import Group, Interchange, TransactionSet
from ossrep.market.edi.x12.streaming import GroupEnd, InterchangeEnd, stream

CHUNK_BYTES = 1 << 20


def read_interchanges(data: bytes) -> list[Interchange]:
    """Every interchange of a file, with all its groups and sets; faults stand in the parts.

    The same number and parties twice in one file: the later interchange has a fault.

    Raises:
        EdiError: no interchange can be told at all.
    """
    interchanges: list[Interchange] = []
    groups: list[Group] = []
    sets: list[TransactionSet] = []
    for event in stream(_chunks(data)):
        if type(event) is TransactionSet:
            sets.append(event)
        elif type(event) is GroupEnd:
            groups.append(replace(event.group, sets=tuple(sets)))
            sets = []
        elif type(event) is InterchangeEnd:
            interchanges.append(replace(event.interchange, groups=tuple(groups)))
            groups = []
    return interchanges


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
