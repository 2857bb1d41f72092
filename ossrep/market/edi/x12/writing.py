"""The inverse of reading: ``write_interchange`` gives back every faultless file byte for byte.

``build_set``, ``build_group`` and ``build_interchange`` make the parts of a new file, with the
numbers and counts filled in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.header import ISA_WIDTHS, Header, check_header, interchange_of
from ossrep.market.edi.x12.model import Group, Interchange, Segment, Separators, TransactionSet
from ossrep.market.edi.x12.syntax import control_pattern, shortened

_BEYOND_LATIN_1 = re.compile(r"[^\x00-\xff]")


def build_set(*, segments: Sequence[Segment], control_number: str) -> TransactionSet:
    """A transaction set from its segments, ST first; SE is added or renewed with its count.

    Raises:
        EdiError: the first segment is not ST with a code.
    """
    if not segments or segments[0][0] != "ST" or len(segments[0]) < 2:
        raise _unwritable("set_header", "a transaction set begins with ST and its code")
    body = segments[1:-1] if segments[-1][0] == "SE" else segments[1:]
    head = ["ST", segments[0][1], control_number, *segments[0][3:]]
    trailer = ["SE", str(len(body) + 2), control_number]
    return TransactionSet(segments[0][1], control_number, [head, *body, trailer])


def build_group(
    *,
    functional_id: str,
    sender: str,
    receiver: str,
    now: dt.datetime,
    control_number: int,
    sets: Iterable[TransactionSet],
    version: str = "004010",
) -> Group:
    """A group; ``now`` is in the market's local time, which is what GS04 and GS05 say."""
    return Group(
        functional_id=functional_id,
        sender=sender,
        receiver=receiver,
        date=f"{now:%Y%m%d}",
        time=f"{now:%H%M}",
        control_number=str(control_number),
        agency="X",
        version=version,
        sets=tuple(sets),
    )


def build_interchange(
    *,
    sender_qualifier: str,
    sender: str,
    receiver_qualifier: str,
    receiver: str,
    now: dt.datetime,
    control_number: int,
    is_test: bool,
    groups: Iterable[Group] = (),
    acknowledgments: Iterable[Segment] = (),
    wants_acknowledgment: bool = False,
    separators: Separators | None = None,
) -> Interchange:
    """An interchange of version 00401; ``now`` is in the market's local time.

    Raises:
        EdiError: an id or number does not fit its width, or the separators collide.
    """
    separators = separators or Separators()
    parties = (sender_qualifier, sender, receiver_qualifier, receiver)
    sent = (f"{now:%y%m%d}", f"{now:%H%M}", "U", "00401", f"{control_number:09d}")
    flags = ("1" if wants_acknowledgment else "0", "T" if is_test else "P")
    values = ("00", "", "00", "", *parties, *sent, *flags, separators.component)
    padded = (value.ljust(width) for value, width in zip(values, ISA_WIDTHS, strict=True))
    header = ["ISA", *padded]
    bare = interchange_of(Header(header, separators, 0, ()))
    interchange = Interchange(
        separators=separators,
        header=header,
        sender_qualifier=bare.sender_qualifier,
        sender=bare.sender,
        receiver_qualifier=bare.receiver_qualifier,
        receiver=bare.receiver,
        control_number=bare.control_number,
        wants_acknowledgment=bare.wants_acknowledgment,
        is_test=bare.is_test,
        groups=tuple(groups),
        acknowledgments=tuple(acknowledgments),
    )
    _check_header(interchange)
    return interchange


def write_interchange(interchange: Interchange) -> bytes:
    """The bytes of one interchange.

    GE and IEA are counted; as they came they are written only where they agree with the content.

    Raises:
        EdiError: the header has wrong widths, the separators collide, or an element holds a
            separator, a control character or a character that one byte cannot hold. The fault
            names the segment.
    """
    return b"".join(write_pieces(interchange))


def write_pieces(interchange: Interchange) -> Iterator[bytes]:
    """The same, a transaction set at a time.

    Raises:
        EdiError: as ``write_interchange``, when the piece in question is reached.
    """
    _check_header(interchange)
    separators = interchange.separators
    yield _write([interchange.header], separators)
    if interchange.acknowledgments:
        yield _write(interchange.acknowledgments, separators)
    for group in interchange.groups:
        yield from _write_group(group, separators)
    trailer = _trailer(
        interchange.trailer, "IEA", len(interchange.groups), interchange.control_number
    )
    end = _write([trailer], separators)
    if interchange.tail is not None:
        end = end[: len(end) - len(separators.line_end)] + interchange.tail.encode("latin-1")
    yield end


def _write_group(group: Group, separators: Separators) -> Iterator[bytes]:
    header = ["GS", group.functional_id, group.sender, group.receiver, group.date, group.time]
    header += [group.control_number, group.agency, group.version]
    yield _write([header], separators)
    for found in group.sets:
        yield _write(found.segments, separators)
    yield _write([_trailer(group.trailer, "GE", len(group.sets), group.control_number)], separators)


def _trailer(came: Segment, tag: str, count: int, number: str) -> Segment:
    agrees = len(came) > 2 and came[1].isdecimal() and int(came[1]) == count
    return came if agrees and came[2] == number else [tag, str(count), number]


def _write(segments: Sequence[Segment], separators: Separators) -> bytes:
    element, terminator = separators.element, separators.terminator
    lines = [element.join(segment) for segment in segments]
    text = terminator.join(lines)
    elements = sum(map(len, segments)) - len(segments)
    if (
        text.count(element) != elements
        or text.count(terminator) != len(lines) - 1
        or not all(lines)
        or not text.isprintable()
        or not text.isascii()
    ):
        _check_segments(segments, separators)
    between = terminator + separators.line_end
    return (between.join(lines) + between).encode("latin-1")


def _check_segments(segments: Sequence[Segment], separators: Separators) -> None:
    """Raises for the first element that cannot be written."""
    for number, segment in enumerate(segments, start=1):
        if not "".join(segment):
            raise _unwritable("segment_empty", "a segment is empty", segment=number)
        for index, value in enumerate(segment):
            reason = _why_not(value, separators)
            if reason:
                raise _unwritable(
                    "character_invalid",
                    f"an element holds {reason}",
                    tag=segment[0],
                    segment=number,
                    element=index,
                    found=shortened(value),
                )


def _why_not(value: str, separators: Separators) -> str:
    if separators.element in value:
        return f"the element separator {separators.element!r}"
    if separators.terminator in value:
        return f"the segment terminator {separators.terminator!r}"
    control = control_pattern(separators).search(value)
    if control:
        return f"the control character {control[0]!r}"
    foreign = _BEYOND_LATIN_1.search(value)
    return f"{foreign[0]!r}, which is not a character of one byte" if foreign else ""


def _check_header(interchange: Interchange) -> None:
    header = interchange.header
    widths = tuple(map(len, header[1:]))
    if header[:1] != ["ISA"] or widths != ISA_WIDTHS:
        wrong = [
            n
            for n, pair in enumerate(zip(widths, ISA_WIDTHS, strict=False), 1)
            if pair[0] != pair[1]
        ]
        raise _unwritable(
            "isa_length",
            "an element of the interchange header does not have its width",
            tag="ISA",
            element=wrong[0] if wrong else None,
            found=shortened(header[wrong[0]]) if wrong else "",
        )
    separators = interchange.separators
    faults = check_header(header, separators)
    if separators.line_end.strip("\r\n"):
        raise _unwritable("separators_collide", "a line end is made of CR and LF only", tag="ISA")
    if faults:
        raise EdiError(faults[0])


def _unwritable(
    code: str,
    message: str,
    *,
    tag: str = "",
    segment: int | None = None,
    element: int | None = None,
    found: str = "",
) -> EdiError:
    fault = Fault(
        code=code,
        message=message,
        tag=tag,
        segment=segment,
        element=element,
        rule="X12.6 character set",
        expected="text without separators and control characters",
        found=found,
    )
    return EdiError(fault)
