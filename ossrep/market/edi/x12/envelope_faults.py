"""What can be wrong with groups and interchanges, as faults with their places."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.x12.model import Group, Segment
from ossrep.market.edi.x12.scanning import Unit
from ossrep.market.edi.x12.syntax import shortened

SETS_PER_GROUP_MAX = 999_999
"""What GE01 and AK902 can count."""


class Stray:
    """Segments where none may be: how many, and the first."""

    __slots__ = ("_count", "_first", "_part")

    def __init__(self, part: str) -> None:
        self._part = part
        self._first: Unit | None = None
        self._count = 0

    def add(self, unit: Unit) -> None:
        """Counts one more."""
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
class TrailerRule:
    """A trailer and what it repeats: its tag, whose it is, what it counts, the number it bears."""

    tag: str
    part: str
    counted: str
    header: str


GROUP_TRAILER = TrailerRule("GE", "group", "transaction sets", "GS06")
INTERCHANGE_TRAILER = TrailerRule("IEA", "interchange", "groups", "ISA13")
_COUNT = re.compile(r"[0-9]{1,10}")


def trailer_faults(unit: Unit, count: int, number: str, rule: TrailerRule) -> list[Fault]:
    """The count and the number of GE or IEA against what was read."""
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


def group_of(segment: Segment, offset: int) -> Group:
    """A group without sets, from its GS; an empty segment gives a group without header."""
    functional_id, sender, receiver, date, time, number, agency, version = [
        *segment[1:9],
        *[""] * 8,
    ][:8]
    return Group(
        functional_id, sender, receiver, date, time, number, agency, version, (), offset=offset
    )


def header_faults(segment: Segment, offset: int) -> list[Fault]:
    """What is wrong with the values of GS."""
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


def duplicate(tag: str, element: int, number: str, offset: int) -> Fault:
    """A control number of ST, GS or ISA that stood before where it must be unique."""
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


def ge_missing(offset: int) -> Fault:
    """The group ended without GE."""
    return Fault(
        code="group_trailer_missing",
        message="the group ends without GE",
        tag="GE",
        position=offset,
        rule="X12.5 envelope",
        expected="GE",
    )


def iea_missing(offset: int) -> Fault:
    """The interchange ended without IEA."""
    return Fault(
        code="interchange_trailer_missing",
        message="the interchange ends without IEA: the file seems to be cut off",
        tag="IEA",
        position=offset,
        rule="X12.5 envelope",
        expected="IEA",
    )


def unterminated(tag: str, offset: int) -> Fault:
    """The last segment has no terminator."""
    return Fault(
        code="terminator_missing",
        message=f"the file ends without a terminator after {tag}",
        tag=tag,
        position=offset,
        rule="X12.5 envelope",
        expected="a segment terminator",
    )


def too_many_sets(count: int, offset: int) -> Fault:
    """A group beyond what its trailer can count."""
    return Fault(
        code="group_too_large",
        message="the group has more transaction sets than can be counted",
        tag="GE",
        position=offset,
        rule="X12 data element 97",
        expected=f"at most {SETS_PER_GROUP_MAX}",
        found=str(count),
    )
