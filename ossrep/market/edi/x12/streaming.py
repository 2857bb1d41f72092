"""A file as a stream of events: each transaction set by itself, the envelopes around them.

Memory holds one set at a time, so an interchange may be of any size. What is wrong is told in
the part that it concerns: a set's faults come with the set, those of a group or an interchange
with its end, when everything about it is known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.header import ISA_SEARCH_MAX, Header, interchange_of, read_header
from ossrep.market.edi.x12.model import Group, Interchange, Segment, TransactionSet
from ossrep.market.edi.x12.scanning import Scanner, Unit, Window
from ossrep.market.edi.x12.syntax import limited, shortened

SETS_PER_GROUP_MAX = 999_999
"""What GE01 and AK902 can count."""
OUTSIDE_SHOWN_MAX = 40


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
    _refuse_other_encodings(window)
    header, faults = _find_header(window)
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
        self._stray = _Stray("interchange")
        self.next_header: Header | None = None
        self.faults_before_next: list[Fault] = []

    def refuse_repeated(self, seen: set[tuple[str, str, str]]) -> None:
        """Notes a control number that the same sender used before in this file."""
        head = self._head
        key = (head.sender, head.receiver, head.control_number)
        if key in seen:
            self._faults.append(_duplicate("ISA", 13, head.control_number, head.offset))
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
        self._faults.append(_iea_missing(self._window.offset))

    def end(self) -> InterchangeEnd:
        """The end, once it is known what stands after it."""
        self.next_header, outside = _find_header(self._window)
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
        group = _group_of(segment, offset)
        faults = _header_faults(segment, offset)
        if segment and group.control_number in self._numbers:
            faults.append(_duplicate("GS", 6, group.control_number, offset))
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
        self._faults += _trailer_faults(
            unit, self._group_count, self._head.control_number, _INTERCHANGE_TRAILER
        )
        if not unit.is_whole:
            self._faults.append(_unterminated("IEA", unit.offset))
        tail = self._scanner.take_line_ends()
        self._tail = None if tail == self._head.separators.line_end else tail


class _OpenGroup:
    """A group whose GE was not yet seen."""

    __slots__ = ("_numbers", "_set_count", "head", "stray")

    def __init__(self, head: Group) -> None:
        self.head = head
        self.stray = _Stray("group")
        self._set_count = 0
        self._numbers: set[str] = set()

    def add(self, found: TransactionSet) -> TransactionSet:
        """The set, with a fault where its control number stood before in the group."""
        self._set_count += 1
        number = found.control_number
        if number in self._numbers:
            fault = _duplicate("ST", 2, number, found.offset)
            return replace(found, faults=(*found.faults, fault))
        if self._set_count <= SETS_PER_GROUP_MAX:
            self._numbers.add(number)
        return found

    def close(self, unit: Unit | None, offset: int) -> GroupEnd:
        """The end; without a unit GE is missing."""
        if unit is None:
            faults = [_ge_missing(offset)]
        else:
            faults = _trailer_faults(
                unit, self._set_count, self.head.control_number, _GROUP_TRAILER
            )
        if self._set_count > SETS_PER_GROUP_MAX:
            faults.append(_too_many_sets(self._set_count, offset))
        whole = replace(
            self.head,
            faults=tuple(limited([*self.head.faults, *faults, *self.stray.faults()])),
            trailer=[] if unit is None else unit.segment,
        )
        return GroupEnd(whole, self._set_count)


class _Stray:
    """Segments where none may be: how many, and the first."""

    __slots__ = ("_count", "_first", "_part")

    def __init__(self, part: str) -> None:
        self._part = part
        self._first: Unit | None = None
        self._count = 0

    def add(self, unit: Unit) -> None:
        self._first = self._first or unit
        self._count += 1

    def faults(self) -> list[Fault]:
        """One fault for all of them."""
        if self._first is None:
            return []
        tag = self._first.segment[0]
        inside, between = ("GS", "groups") if self._part == "interchange" else ("ST", "sets")
        count = "1 segment stands" if self._count == 1 else f"{self._count} segments stand"
        return [
            Fault(
                code=f"{self._part}_stray",
                message=f"{count} between the {between} of the {self._part}",
                tag=tag if tag.isalnum() and tag.isascii() and len(tag) <= 3 else "",
                position=self._first.offset,
                rule="X12.5 envelope",
                expected=inside,
                found=shortened("*".join(self._first.segment)),
            )
        ]


@dataclass(frozen=True, slots=True)
class _TrailerRule:
    tag: str
    part: str
    counted: str
    header: str
    wide: int = 0


_GROUP_TRAILER = _TrailerRule("GE", "group", "transaction sets", "GS06")
_INTERCHANGE_TRAILER = _TrailerRule("IEA", "interchange", "groups", "ISA13", 9)
_COUNT = re.compile(r"[0-9]{1,10}")


def _trailer_faults(unit: Unit, count: int, number: str, rule: _TrailerRule) -> list[Fault]:
    segment = [*unit.segment, "", ""]
    faults = []
    if not _COUNT.fullmatch(segment[1]) or int(segment[1]) != count:
        faults.append(
            Fault(
                code=f"{rule.part}_count",
                message=f"{rule.tag}01 does not count the {rule.counted} that are there",
                tag=rule.tag,
                element=1,
                position=unit.offset,
                rule="X12.5 envelope",
                expected=str(count),
                found=shortened(segment[1]),
            )
        )
    if segment[2] != number:
        faults.append(
            Fault(
                code=f"{rule.part}_control_number_differs",
                message=f"{rule.tag}02 is not the control number of {rule.header}",
                tag=rule.tag,
                element=2,
                position=unit.offset,
                rule="X12.5 envelope",
                expected=shortened(number),
                found=shortened(segment[2]),
            )
        )
    return faults


def _group_of(segment: Segment, offset: int) -> Group:
    functional_id, sender, receiver, date, time, number, agency, version = [
        *segment[1:9],
        *[""] * 8,
    ][:8]
    return Group(
        functional_id, sender, receiver, date, time, number, agency, version, (), offset=offset
    )


def _header_faults(segment: Segment, offset: int) -> list[Fault]:
    if not segment:
        return [
            Fault(
                code="group_header_missing",
                message="a transaction set stands outside any group",
                tag="GS",
                position=offset,
                rule="X12.5 envelope",
                expected="GS before ST",
            )
        ]
    faults = []
    if len(segment) != 9:
        faults.append(_gs_fault("group_header", None, "8 elements", str(len(segment) - 1), offset))
    for number, code, pattern, expected in _GS_RULES:
        value = segment[number] if len(segment) > number else ""
        if not pattern.fullmatch(value) or (number == 4 and not _is_date(value)):
            faults.append(_gs_fault(code, number, expected, value, offset))
    return faults


_GS_RULES = (
    (1, "group_functional_id", re.compile(r"[A-Z][A-Z0-9]"), "a functional id of two characters"),
    (4, "group_date", re.compile(r"[0-9]{8}|[0-9]{6}"), "a date CCYYMMDD"),
    (
        5,
        "group_time",
        re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?"),
        "HHMM",
    ),
    (6, "group_control_number", re.compile(r"[0-9]{1,9}"), "a control number of 1 to 9 digits"),
    (8, "group_version", re.compile(r"00401[0-9A-Z]{0,7}"), "version 004010"),
)


def _gs_fault(code: str, element: int | None, expected: str, found: str, offset: int) -> Fault:
    what = "the group header" if element is None else f"GS{element:02d}"
    return Fault(
        code=code,
        message=f"{what} is not {expected}" if element else f"{what} does not have {expected}",
        tag="GS",
        element=element,
        position=offset,
        rule="X12.5 group header",
        expected=expected,
        found=shortened(found),
    )


def _is_date(value: str) -> bool:
    text = value if len(value) == 8 else "20" + value
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _duplicate(tag: str, element: int, number: str, offset: int) -> Fault:
    part, around = _UNIQUE_WITHIN[tag]
    return Fault(
        code=f"{part}_control_number_repeated",
        message=f"control number {shortened(number)!r} stood before in this {around}",
        tag=tag,
        element=element,
        segment=1 if tag == "ST" else None,
        position=offset,
        rule="X12.5 control numbers",
        expected=f"a number that is unique in its {around}",
        found=shortened(number),
    )


_UNIQUE_WITHIN = {
    "ST": ("set", "group"),
    "GS": ("group", "interchange"),
    "ISA": ("interchange", "file"),
}


def _ge_missing(offset: int) -> Fault:
    return Fault(
        code="group_trailer_missing",
        message="the group ends without GE",
        tag="GE",
        position=offset,
        rule="X12.5 envelope",
        expected="GE",
    )


def _iea_missing(offset: int) -> Fault:
    return Fault(
        code="interchange_trailer_missing",
        message="the interchange ends without IEA: the file seems to be cut off",
        tag="IEA",
        position=offset,
        rule="X12.5 envelope",
        expected="IEA",
    )


def _unterminated(tag: str, offset: int) -> Fault:
    return Fault(
        code="terminator_missing",
        message=f"the file ends without a terminator after {tag}",
        tag=tag,
        position=offset,
        rule="X12.5 envelope",
        expected="a segment terminator",
    )


def _too_many_sets(count: int, offset: int) -> Fault:
    return Fault(
        code="group_too_large",
        message="the group has more transaction sets than can be counted",
        tag="GE",
        position=offset,
        rule="X12 data element 97",
        expected=f"at most {SETS_PER_GROUP_MAX}",
        found=str(count),
    )


_WIDE = re.compile(r"\xff\xfe|\xfe\xff|[\r\n\0 ]{0,64}I\0{1,3}S\0{1,3}A")
"""How UTF-16 and UTF-32 begin when each byte is taken for a character."""


def _refuse_other_encodings(window: Window) -> None:
    window.has(ISA_SEARCH_MAX)
    if _WIDE.match(window.text):
        fault = Fault(
            code="encoding",
            message="the file is written in UTF-16 or UTF-32; X12 has one byte for each character",
            position=0,
            expected="ASCII",
            found="UTF-16 or UTF-32",
        )
        raise EdiError(fault)


def _find_header(window: Window) -> tuple[Header | None, list[Fault]]:
    """The next header, consumed, and what is to be said of the text before it.

    Without a header the first fault says why there is none; where nothing but blanks is left
    after an interchange there is nothing to say.
    """
    outside = _Outside(window)
    while True:
        window.has(ISA_SEARCH_MAX + 8)
        start = window.text.find("ISA", window.pos)
        if start < 0:
            # "IS" may be the beginning of a header that the next chunk completes.
            outside.skip(max(window.pos, len(window.text) - 2))
            if window.more():
                continue
            outside.skip(len(window.text))
            return None, outside.faults(is_end=True)
        outside.skip(start)
        window.has(ISA_SEARCH_MAX + 8)
        try:
            header = read_header(window.text, window.pos, base=window.base)
        except EdiError as error:
            outside.refused = outside.refused or error.fault
            outside.skip(window.pos + 3)
            continue
        offset = window.pos
        window.pos = header.end
        return replace(header, end=header.end - offset), outside.faults(is_end=False)


class _Outside:
    """Text that belongs to no interchange, while it is passed over."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._is_file_start = window.offset == 0
        self._position = 0
        self._text = ""
        self.refused: Fault | None = None

    def skip(self, until: int) -> None:
        window = self._window
        passed = window.text[window.pos : until]
        if not self._text:
            bare = passed.lstrip()
            self._position = window.offset + len(passed) - len(bare)
            passed = bare
        # However the bytes come in pieces, the same beginning is shown.
        self._text += passed[: OUTSIDE_SHOWN_MAX - len(self._text)]
        window.pos = until

    def faults(self, *, is_end: bool) -> list[Fault]:
        """An unreadable header, or the text outside; nothing where all was blank."""
        faults = [self.refused] if self.refused else []
        if self._is_file_start and self._text == "\xef\xbb\xbf" and not is_end:
            return [*faults, _byte_order_mark()]
        if self._text and not self.refused:
            faults.append(_text_outside(self._text, self._position))
        if self._is_file_start and is_end and not faults:
            faults.append(_empty())
        return faults


def _byte_order_mark() -> Fault:
    return Fault(
        code="byte_order_mark",
        message="the file begins with a byte order mark",
        position=0,
        rule="X12.5 envelope",
        expected="ISA",
        found="EF BB BF",
    )


def _text_outside(text: str, position: int) -> Fault:
    return Fault(
        code="text_outside",
        message="text stands outside any interchange",
        position=position,
        rule="X12.5 envelope",
        expected="ISA or the end of the file",
        found=text,
    )


def _empty() -> Fault:
    return Fault(
        code="empty",
        message="the file is empty",
        position=0,
        rule="X12.5 envelope",
        expected="an interchange that begins with ISA",
    )
