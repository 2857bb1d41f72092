"""A file as a stream of events: each transaction set by itself, the envelopes around them.

Memory holds one set at a time, so an interchange may be of any size. What is wrong is told in
the part that it concerns: a set's faults come with the set, those of a group or an interchange
with its end, when everything about it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.envelope_faults import (
    GROUP_TRAILER,
    INTERCHANGE_TRAILER,
    SETS_PER_GROUP_MAX,
    Stray,
    duplicate,
    ge_missing,
    group_of,
    header_faults,
    iea_missing,
    too_many_sets,
    trailer_faults,
    unterminated,
)
from ossrep.market.edi.x12.finding import find_header, refuse_other_encodings
from ossrep.market.edi.x12.header import Header, interchange_of
from ossrep.market.edi.x12.model import Group, Interchange, Segment, TransactionSet
from ossrep.market.edi.x12.scanning import Scanner, Unit, Window
from ossrep.market.edi.x12.syntax import limited


@dataclass(frozen=True, slots=True)
class InterchangeStart:
    """ISA was read; ``interchange`` has no groups and only the faults of its header."""

    interchange: Interchange


@dataclass(frozen=True, slots=True)
class GroupStart:
    """GS was read; ``group`` has no sets and only the faults of its header."""

    group: Group


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """GE was read or is missing; ``group`` has no sets but all its faults and its trailer."""

    group: Group
    set_count: int


@dataclass(frozen=True, slots=True)
class InterchangeEnd:
    """IEA was read or is missing; ``interchange`` has no groups but all else."""

    interchange: Interchange
    group_count: int


Event = InterchangeStart | GroupStart | TransactionSet | GroupEnd | InterchangeEnd


def stream(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The events of a file in order, in memory that its size does not change.

    ``chunks`` are the file's bytes in pieces of any size; 1 MB suits.

    Raises:
        EdiError: no interchange can be told at all. Nothing was given out before.
    """
    window = Window(chunks)
    refuse_other_encodings(window)
    header, faults = find_header(window)
    if header is None:
        raise EdiError(faults[0])
    seen: set[tuple[str, str, str]] = set()
    while header is not None:
        walk = _Interchange(window, header, faults)
        walk.refuse_repeated(seen)
        yield from walk.events()
        yield walk.end()
        header, faults = walk.next_header, walk.faults_before_next


class _Interchange:
    """One interchange while it is walked through."""

    def __init__(self, window: Window, header: Header, faults: list[Fault]) -> None:
        offset = window.offset - header.end
        self._window = window
        self._scanner = Scanner(window, header.separators)
        self._head = interchange_of(header, offset=offset, faults=tuple(faults))
        self._faults = list(self._head.faults)
        self._acknowledgments: list[Segment] = []
        self._trailer: Segment = []
        self._tail: str | None = None
        self._numbers: set[str] = set()
        self._group: _OpenGroup | None = None
        self._group_count = 0
        self._stray = Stray("interchange")
        self.next_header: Header | None = None
        self.faults_before_next: list[Fault] = []

    def refuse_repeated(self, seen: set[tuple[str, str, str]]) -> None:
        """Notes a control number that the same sender used before in this file."""
        head = self._head
        key = (head.sender, head.receiver, head.control_number)
        if key in seen:
            self._faults.append(duplicate("ISA", 13, head.control_number, head.offset))
            self._head = replace(head, faults=tuple(self._faults))
        seen.add(key)

    def events(self) -> Iterator[Event]:
        """All but the end."""
        yield InterchangeStart(self._head)
        while (unit := self._scanner.take()) is not None:
            if type(unit) is TransactionSet:
                if self._group is None:
                    yield self._open([], unit.offset)
                yield self._open_group.add(unit)
                continue
            assert isinstance(unit, Unit)
            tag = unit.segment[0]
            if tag == "GS":
                yield from self._close_group(None)
                yield self._open(unit.segment, unit.offset)
            elif tag == "GE" and self._group is not None:
                yield from self._close_group(unit)
            elif tag == "IEA":
                yield from self._close_group(None)
                self._close(unit)
                return
            elif tag == "TA1" and self._group is None:
                self._acknowledgments.append(unit.segment)
            else:
                (self._group.stray if self._group else self._stray).add(unit)
        yield from self._close_group(None)
        self._faults.append(iea_missing(self._window.offset))

    def end(self) -> InterchangeEnd:
        """The end, once it is known what stands after it."""
        self.next_header, outside = find_header(self._window)
        if self.next_header is None:
            self._faults += outside
        else:
            self.faults_before_next = outside
        faults = limited(self._faults + self._stray.faults())
        whole = replace(
            self._head,
            acknowledgments=tuple(self._acknowledgments),
            faults=tuple(faults),
            trailer=self._trailer,
            tail=self._tail,
        )
        return InterchangeEnd(whole, self._group_count)

    @property
    def _open_group(self) -> _OpenGroup:
        assert self._group is not None
        return self._group

    def _open(self, segment: Segment, offset: int) -> GroupStart:
        group = group_of(segment, offset)
        faults = header_faults(segment, offset)
        if segment and group.control_number in self._numbers:
            faults.append(duplicate("GS", 6, group.control_number, offset))
        self._numbers.add(group.control_number)
        self._group = _OpenGroup(replace(group, faults=tuple(faults)))
        self._group_count += 1
        return GroupStart(self._group.head)

    def _close_group(self, unit: Unit | None) -> Iterator[GroupEnd]:
        if self._group is not None:
            yield self._group.close(unit, self._window.offset)
            self._group = None

    def _close(self, unit: Unit) -> None:
        self._trailer = unit.segment
        self._faults += trailer_faults(
            unit, self._group_count, self._head.control_number, INTERCHANGE_TRAILER
        )
        if not unit.is_whole:
            self._faults.append(unterminated("IEA", unit.offset))
        tail = self._scanner.take_line_ends()
        self._tail = None if tail == self._head.separators.line_end else tail


class _OpenGroup:
    """A group whose GE was not yet seen."""

    __slots__ = ("_numbers", "_set_count", "head", "stray")

    def __init__(self, head: Group) -> None:
        self.head = head
        self.stray = Stray("group")
        self._set_count = 0
        self._numbers: set[str] = set()

    def add(self, found: TransactionSet) -> TransactionSet:
        """The set, with a fault where its control number stood before in the group."""
        self._set_count += 1
        number = found.control_number
        if number in self._numbers:
            fault = duplicate("ST", 2, number, found.offset)
            return replace(found, faults=(*found.faults, fault))
        if self._set_count <= SETS_PER_GROUP_MAX:
            self._numbers.add(number)
        return found

    def close(self, unit: Unit | None, offset: int) -> GroupEnd:
        """The end; without a unit GE is missing."""
        if unit is None:
            faults = [ge_missing(offset)]
        else:
            faults = trailer_faults(unit, self._set_count, self.head.control_number, GROUP_TRAILER)
        if self._set_count > SETS_PER_GROUP_MAX:
            faults.append(too_many_sets(self._set_count, offset))
        whole = replace(
            self.head,
            faults=tuple(limited([*self.head.faults, *faults, *self.stray.faults()])),
            trailer=[] if unit is None else unit.segment,
        )
        return GroupEnd(whole, self._set_count)
