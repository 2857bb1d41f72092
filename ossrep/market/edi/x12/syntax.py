"""What can be wrong with a transaction set whatever it means: tags, characters, SE."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ossrep.market.edi.errors import Fault
from ossrep.market.edi.x12.model import Segment, Separators

FAULTS_MAX = 100
"""Faults told of one part of a file; a last one says that there are more."""
FOUND_MAX = 80

_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_CONTROLS = "".join(map(chr, [*range(0x20), 0x7F]))
_NUMBER = re.compile(r"[0-9]{1,10}")
_SET_CONTROL_NUMBER = re.compile(r"[!-~](?:[ -~]{2,7}[!-~])")


class SegmentRules:
    """What follows from the separators for every segment of an interchange."""

    __slots__ = ("breaks_between", "control", "odd", "separators")

    def __init__(self, separators: Separators) -> None:
        self.separators = separators
        element, terminator = re.escape(separators.element), re.escape(separators.terminator)
        line_end = re.escape(separators.line_end)
        between = separators.terminator + separators.line_end
        self.breaks_between = between.count("\n") + between.count("\r")
        self.control = control_pattern(separators)
        # A terminator that neither the usual line end, a tag and an element follow.
        self.odd = re.compile(rf"{terminator}(?!{line_end}{_TAG.pattern}{element})")

    def split_plain(self, body: str) -> list[Segment] | None:
        """The segments; None where something looks odd and each is to be looked at.

        All in C: one search for a terminator without a tag after it, one count of line breaks,
        one split for each segment.
        """
        if self.odd.search(body):
            return None
        separators = self.separators
        pieces = body.split(separators.terminator + separators.line_end)
        breaks = body.count("\n") + body.count("\r")
        if breaks != (len(pieces) - 1) * self.breaks_between:
            return None
        element = separators.element
        return [piece.split(element) for piece in pieces]


def control_pattern(separators: Separators) -> re.Pattern[str]:
    """Finds control characters; the component separator may be one, so it is none of them."""
    return re.compile(f"[{re.escape(_CONTROLS.replace(separators.component, ''))}]")


def inspect_set(body: str, offset: int, rules: SegmentRules) -> tuple[list[Segment], list[Fault]]:
    """Segments of a set that looks odd, with each oddity and its place.

    Line ends before a tag are forgiven, also where they are mixed; anywhere else they are
    characters that no element may hold.
    """
    separators = rules.separators
    ends = "".join({"\r", "\n"} - {separators.terminator})
    segments: list[Segment] = []
    faults: list[Fault] = []
    position = offset
    for number, piece in enumerate(body.split(separators.terminator), start=1):
        text = piece.lstrip(ends)
        place = position + len(piece) - len(text)
        segment = text.split(separators.element)
        segments.append(segment)
        faults += _segment_faults(segment, number, place, rules.control)
        position += len(piece) + 1
    return segments, limited(faults)


def check_set(
    segments: Sequence[Segment], offset: int, length: int, *, is_closed: bool
) -> list[Fault]:
    """Control number, SE, its count and its number; ``length`` is that of the set in bytes."""
    head = segments[0]
    number = head[2] if len(head) > 2 else ""
    faults: list[Fault] = []
    if len(head) < 2 or not head[1].isalnum():
        faults.append(_set_code(head, offset))
    if not _SET_CONTROL_NUMBER.fullmatch(number):
        faults.append(_set_number(number, offset))
    if not is_closed:
        return [*faults, _trailer_missing(len(segments), offset + length)]
    trailer = segments[-1]
    if trailer == ["SE", str(len(segments)), number]:
        return faults
    place = offset + length - sum(map(len, trailer)) - len(trailer) + 1
    count = trailer[1] if len(trailer) > 1 else ""
    if not _NUMBER.fullmatch(count) or int(count) != len(segments):
        faults.append(_wrong_count(count, len(segments), place))
    if (trailer[2] if len(trailer) > 2 else "") != number:
        faults.append(_wrong_number(trailer, number, len(segments), place))
    return faults


def limited(faults: list[Fault]) -> list[Fault]:
    """At most ``FAULTS_MAX`` of them, the last then saying how many are left out."""
    if len(faults) <= FAULTS_MAX:
        return faults
    left = len(faults) - FAULTS_MAX + 1
    rest = Fault(code="more_faults", message=f"{left} more faults of this part are not listed")
    return [*faults[: FAULTS_MAX - 1], rest]


def shortened(value: str) -> str:
    """What is shown of a value found: its beginning."""
    return value if len(value) <= FOUND_MAX else value[:FOUND_MAX] + "…"


def _segment_faults(
    segment: Segment, number: int, position: int, control: re.Pattern[str]
) -> list[Fault]:
    faults = []
    tag = segment[0]
    if segment == [""]:
        faults.append(
            Fault(
                code="segment_empty",
                message="two terminators without a segment between them",
                segment=number,
                position=position,
                rule="X12.6 segment",
                expected="a segment",
            )
        )
    elif not _TAG.fullmatch(tag):
        faults.append(
            Fault(
                code="segment_tag",
                message="a segment must begin with two or three capital letters or digits",
                tag=tag if tag.isascii() and tag.isalnum() and len(tag) <= 3 else "",
                segment=number,
                position=position,
                rule="X12.6 segment identifier",
                expected="a tag such as REF or N1",
                found=shortened(tag),
            )
        )
    elif len(segment) < 2:
        faults.append(
            Fault(
                code="segment_bare",
                message="the segment has no elements",
                tag=tag,
                segment=number,
                position=position,
                rule="X12.6 segment",
                expected="at least one element",
                found=tag,
            )
        )
    place = position
    for index, value in enumerate(segment):
        if index and control.search(value):
            faults.append(
                Fault(
                    code="character_invalid",
                    message="the element holds a control character",
                    tag=tag if _TAG.fullmatch(tag) else "",
                    segment=number,
                    element=index,
                    position=place,
                    rule="X12.6 character set",
                    expected="printable characters",
                    found=shortened(value),
                )
            )
        place += len(value) + 1
    return faults


def _set_code(head: Segment, offset: int) -> Fault:
    return Fault(
        code="set_code",
        message="ST01 does not name a kind of transaction set",
        tag="ST",
        segment=1,
        element=1,
        position=offset,
        rule="X12.6 transaction set header",
        expected="a code such as 814",
        found=shortened(head[1]) if len(head) > 1 else "",
    )


def _set_number(number: str, offset: int) -> Fault:
    return Fault(
        code="set_control_number",
        message="ST02 is not a control number",
        tag="ST",
        segment=1,
        element=2,
        position=offset,
        rule="X12.6 transaction set header",
        expected="4 to 9 characters",
        found=shortened(number),
    )


def _trailer_missing(count: int, offset: int) -> Fault:
    return Fault(
        code="set_trailer_missing",
        message="the transaction set ends without SE",
        tag="SE",
        segment=count + 1,
        position=offset,
        rule="X12.6 transaction set trailer",
        expected="SE",
    )


def _wrong_count(found: str, count: int, offset: int) -> Fault:
    return Fault(
        code="set_count",
        message="SE01 does not count the segments that are there",
        tag="SE",
        segment=count,
        element=1,
        position=offset,
        rule="X12.6 transaction set trailer",
        expected=str(count),
        found=shortened(found),
    )


def _wrong_number(trailer: Segment, number: str, count: int, offset: int) -> Fault:
    return Fault(
        code="set_control_number_differs",
        message="SE02 is not the control number of ST02",
        tag="SE",
        segment=count,
        element=2,
        position=offset,
        rule="X12.6 transaction set trailer",
        expected=shortened(number),
        found=shortened(trailer[2]) if len(trailer) > 2 else "",
    )
