"""A stored X12 file as a stream of events, as often as wanted, in memory of a fixed size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ossrep.market.edi.x12.model import Group, Interchange, Separators, TransactionSet
from ossrep.market.edi.x12.scanning import SET_BYTES_MAX
from ossrep.market.edi.x12.streaming import (
    Event,
    GroupEnd,
    GroupStart,
    InterchangeEnd,
    InterchangeStart,
    stream,
)
from ossrep.market.usecases.interchange.items import body_hash
from ossrep.market.usecases.interchange.storing import read_chunks

KEPT_BYTES_MAX = 2 << 20
"""The events of a file up to this size are kept for the second reading; else it is read anew."""


class FileEvents:
    """The events of a stored file, each set with the SHA-256 of its body (else empty).

    Iterating raises ``EdiError`` where no interchange can be told at all, before anything else.
    """

    def __init__(self, *, file_id: int, size_bytes: int) -> None:
        self._file_id = file_id
        self._is_small = size_bytes <= KEPT_BYTES_MAX
        self._kept: list[tuple[Event, bytes]] | None = None

    def __iter__(self) -> Iterator[tuple[Event, bytes]]:
        if not self._is_small:
            return self._read()
        if self._kept is None:
            self._kept = list(self._read())
        return iter(self._kept)

    def _read(self) -> Iterator[tuple[Event, bytes]]:
        tape = _Tape(read_chunks(file_id=self._file_id))
        marks = Separators()
        for event in stream(tape):
            digest = b""
            if type(event) is InterchangeStart:
                marks = event.interchange.separators
            elif type(event) is TransactionSet:
                digest = body_hash(tape.cut(event.offset, event.length), marks)
            yield event, digest


class _Tape:
    """Chunks on their way to the reader, the last of them kept to cut sets out of.

    A set is cut when the reader gives it out. One longer than the reader takes is cut short.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._kept = b""
        self._start = 0
        self._done = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            end = self._start + len(self._kept)
            keep_from = max(self._done, end - SET_BYTES_MAX, self._start)
            self._kept = self._kept[keep_from - self._start :] + chunk
            self._start = keep_from
            yield chunk

    def cut(self, offset: int, length: int) -> bytes:
        self._done = offset + length
        first = max(offset - self._start, 0)
        return self._kept[first : self._done - self._start]


@dataclass(frozen=True, slots=True)
class SurveyedGroup:
    """A group without its sets: how many it has, and all its faults."""

    group: Group
    set_count: int


@dataclass(slots=True)
class Surveyed:
    """An interchange without its groups' sets: all its faults, and the hash of its content."""

    interchange: Interchange
    content_sha256: str
    groups: list[SurveyedGroup] = field(default_factory=list)


def survey(events: Iterable[tuple[Event, bytes]]) -> list[Surveyed]:
    """What the ends of interchanges and groups tell, for a second reading to know it before.

    The content's hash covers header, groups and sets: what lies around the interchange does not
    count. ``EdiError`` as ``FileEvents``.
    """
    found: list[Surveyed] = []
    groups: list[SurveyedGroup] = []
    digest = hashlib.sha256()
    for event, body in events:
        if type(event) is TransactionSet:
            digest.update(f"{event.code}\x1e{event.control_number}".encode())
            digest.update(body)
        elif type(event) is InterchangeStart:
            groups, digest = [], hashlib.sha256("\x1e".join(event.interchange.header).encode())
        elif type(event) is GroupStart:
            group = event.group
            head = (group.functional_id, group.sender, group.receiver, group.control_number)
            digest.update("\x1e".join(head).encode())
        elif type(event) is GroupEnd:
            groups.append(SurveyedGroup(event.group, event.set_count))
        elif type(event) is InterchangeEnd:
            for segment in event.interchange.acknowledgments:
                digest.update("\x1e".join(segment).encode())
            found.append(Surveyed(event.interchange, digest.hexdigest(), groups))
    return found
