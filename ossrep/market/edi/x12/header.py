"""The ISA segment: the only one of fixed width, because it declares the separators."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import accumulate

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.model import Interchange, Segment, Separators

ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""Characters of ISA01 to ISA16."""
ISA_LENGTH = 3 + sum(1 + width for width in ISA_WIDTHS) + 1
"""106, the terminator included."""
ISA_SEARCH_MAX = 512
"""How far a header of wrong length is looked through for its sixteenth element."""
LINE_END_MAX = 4

_PLACES = tuple(accumulate((1 + width for width in ISA_WIDTHS[:-1]), initial=3))
_AFTER_HEADER = ("GS", "TA1", "IEA", "ISB", "ISE")


@dataclass(frozen=True, slots=True)
class Header:
    """A header as found: where it ends in the text (line end included) and what is wrong."""

    elements: Segment
    separators: Separators
    end: int
    faults: tuple[Fault, ...]


def read_header(text: str, start: int, *, base: int = 0) -> Header:
    """The ISA that begins at ``start``; ``base`` is the byte at which the text begins.

    A header whose elements have other widths is still read where its sixteen elements and what
    follows leave no doubt about the separators; the fault says so.

    Raises:
        EdiError: the separators cannot be told.
    """
    position = base + start
    element = text[start + 3 : start + 4]
    if not _can_separate(element) or element in "\r\n":
        raise _unreadable(position, "ISA is not followed by an element separator", found=element)
    if all(text[start + place : start + place + 1] == element for place in _PLACES):
        elements = _cut_by_width(text, start)
        end, faults = start + ISA_LENGTH, []
    else:
        elements = text[start : start + ISA_SEARCH_MAX].split(element, 16)
        if len(elements) < 17 or len(elements[16]) < 2:
            raise _unreadable(position, "the header ends before its sixteenth element")
        end = start + sum(map(len, elements[:16])) + 16 + 2
        elements[16] = elements[16][0]
        faults = [_length_fault(position, end - start)]
    component, terminator = elements[16], text[end - 1 : end]
    if not _can_separate(terminator) or terminator == element:
        raise _unreadable(
            position, "no usable segment terminator after ISA16", found=terminator, element=16
        )
    line_end = _line_end(text, end, terminator)
    separators = Separators(element, component, terminator, line_end)
    end += len(line_end)
    if faults and not text.startswith(tuple(tag + element for tag in _AFTER_HEADER), end):
        raise _unreadable(position, "the header has a wrong length and no group follows it")
    faults += check_header(elements, separators, position=position)
    return Header(elements, separators, end, tuple(faults))


def check_header(
    elements: Segment, separators: Separators, *, position: int | None = None
) -> list[Fault]:
    """What is wrong with ISA's values and with the separators among themselves."""
    marks = (separators.element, separators.component, separators.terminator)
    faults = []
    component = separators.component
    if len(set(marks)) < len(marks) or not _can_separate(component) or component in "\r\n":
        faults.append(
            _fault(
                "separators_collide",
                "the element, component and segment separators are not three different marks",
                element=16,
                position=position,
                expected="three different characters, no letters, digits or blanks",
                found=" ".join(repr(mark) for mark in marks),
            )
        )
    for number, code, pattern, expected in _ELEMENT_RULES:
        value = elements[number]
        if not pattern.fullmatch(value) or (number == 9 and not _is_date(value)):
            faults.append(
                _fault(
                    code,
                    f"ISA{number:02d} is not {expected}",
                    element=number,
                    position=position,
                    expected=expected,
                    found=value,
                )
            )
    return faults


def interchange_of(
    header: Header, *, offset: int = 0, faults: tuple[Fault, ...] = ()
) -> Interchange:
    """An interchange without groups, from its header; ``faults`` stand before the header's."""
    isa = header.elements
    return Interchange(
        separators=header.separators,
        header=isa,
        sender_qualifier=isa[5].strip(),
        sender=isa[6].strip(),
        receiver_qualifier=isa[7].strip(),
        receiver=isa[8].strip(),
        control_number=isa[13].strip(),
        wants_acknowledgment=isa[14] == "1",
        is_test=isa[15] != "P",
        groups=(),
        faults=faults + header.faults,
        offset=offset,
    )


_ELEMENT_RULES = (
    (6, "isa_sender", re.compile(r".*\S.*", re.DOTALL), "a sender"),
    (8, "isa_receiver", re.compile(r".*\S.*", re.DOTALL), "a receiver"),
    (9, "isa_date", re.compile(r"[0-9]{6}"), "a date YYMMDD"),
    (10, "isa_time", re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]"), "a time HHMM"),
    (11, "isa_standard", re.compile(r"U"), "U"),
    (12, "isa_version", re.compile(r"00401"), "00401"),
    (13, "isa_control_number", re.compile(r"[0-9]{9}"), "a control number of nine digits"),
    (14, "isa_acknowledgment", re.compile(r"[01]"), "0 or 1"),
    (15, "isa_usage", re.compile(r"[PT]"), "P (production) or T (test)"),
)


def _cut_by_width(text: str, start: int) -> Segment:
    places = [*_PLACES, ISA_LENGTH - 1]
    cuts = zip(places, ISA_WIDTHS, strict=False)
    return ["ISA", *(text[start + p + 1 : start + p + 1 + width] for p, width in cuts)]


def _line_end(text: str, start: int, terminator: str) -> str:
    ends = {"\r", "\n"} - {terminator}
    end = start
    while end - start < LINE_END_MAX and text[end : end + 1] in ends:
        end += 1
    return text[start:end]


def _can_separate(mark: str) -> bool:
    # A NUL is what other encodings leave behind, never a separator that someone chose.
    return len(mark) == 1 and not mark.isalnum() and mark not in " \0"


def _is_date(value: str) -> bool:
    try:
        dt.date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
    except ValueError:
        return False
    return True


def _length_fault(position: int, length: int) -> Fault:
    return _fault(
        "isa_length",
        f"the interchange header has {length} characters instead of {ISA_LENGTH}",
        position=position,
        expected=str(ISA_LENGTH),
        found=str(length),
    )


def _unreadable(position: int, message: str, *, found: str = "", element: int = 0) -> EdiError:
    fault = _fault(
        "isa_unreadable",
        message,
        element=element or None,
        position=position,
        expected=f"an ISA of {ISA_LENGTH} characters with its separators",
        found=found,
    )
    return EdiError(fault)


def _fault(
    code: str,
    message: str,
    *,
    element: int | None = None,
    position: int | None = None,
    expected: str = "",
    found: str = "",
) -> Fault:
    return Fault(
        code=code,
        message=message,
        tag="ISA",
        element=element,
        position=position,
        rule="X12.5 interchange header",
        expected=expected,
        found=found,
    )
