"""X12 as the simulated market reads and writes it: interchange, group, set, segments.

A second reading of the rules, on purpose: it shares nothing with ``market.edi``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.simulator.errors import UnreadableFile

Segment = list[str]
"""``["REF", "Q5", "", "1044..."]``: the tag and its elements."""

ISA_LENGTH = 106
_ELEMENT, _COMPONENT, _END = "*", ">", "~"
_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """ST to SE without the two; ``fault`` is an AK5 code where its envelope is wrong."""

    code: str
    control: str
    segments: Sequence[Segment]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """GS to GE. ``sent_at`` is None where GS04 and GS05 name no moment."""

    functional_id: str
    sender: str
    receiver: str
    control: str
    sent_at: dt.datetime | None
    sets: Sequence[TransactionSet]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA to IEA, ids without padding."""

    sender: str
    receiver: str
    control: str
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, under which numbers."""

    isa_sender: str
    isa_receiver: str
    gs_sender: str
    gs_receiver: str
    functional_id: str
    control: int
    is_test: bool
    made_at: dt.datetime


def read_interchange(*, data: bytes) -> Interchange:
    """One interchange. Raises UnreadableFile where no ISA with its GS can be told."""
    text = data.decode("latin-1")
    if not text.startswith("ISA") or len(text) < ISA_LENGTH:
        raise UnreadableFile("does not begin with an ISA of 106 characters")
    element, end = text[3], text[ISA_LENGTH - 1]
    segments = [part.strip("\r\n").split(element) for part in text.split(end)]
    segments = [segment for segment in segments if segment != [""]]
    header = segments[0]
    if len(header) != len(_ISA_WIDTHS) + 1:
        raise UnreadableFile(f"its ISA has {len(header) - 1} elements, not {len(_ISA_WIDTHS)}")
    return Interchange(
        sender=header[6].strip(),
        receiver=header[8].strip(),
        control=header[13],
        groups=list(_groups(segments[1:])),
    )


def _groups(segments: Sequence[Segment]) -> Iterator[Group]:
    begin = None
    for place, segment in enumerate(segments):
        if segment[0] == "GS":
            begin = place
        elif segment[0] == "GE" and begin is not None:
            yield _group(segments[begin], segments[begin + 1 : place], segment)
            begin = None
    if begin is not None:
        yield _group(segments[begin], segments[begin + 1 :], [])


def _group(header: Segment, body: Sequence[Segment], trailer: Segment) -> Group:
    sets = list(_sets(body))
    is_whole = trailer[1:3] == [str(len(sets)), at(header, 6)]
    return Group(
        functional_id=at(header, 1),
        sender=at(header, 2),
        receiver=at(header, 3),
        control=at(header, 6),
        sent_at=_moment(at(header, 4), at(header, 5)),
        sets=sets,
        fault="" if is_whole else "5",
    )


def _sets(body: Sequence[Segment]) -> Iterator[TransactionSet]:
    begin = None
    for place, segment in enumerate(body):
        if segment[0] == "ST":
            if begin is not None:
                yield _set(body[begin], body[begin + 1 : place], [])
            begin = place
        elif segment[0] == "SE" and begin is not None:
            yield _set(body[begin], body[begin + 1 : place], segment)
            begin = None
    if begin is not None:
        yield _set(body[begin], body[begin + 1 :], [])


def _set(header: Segment, segments: Sequence[Segment], trailer: Segment) -> TransactionSet:
    # AK502: 2 trailer missing, 3 control numbers differ, 4 segment count is wrong.
    fault = ""
    if not trailer:
        fault = "2"
    elif at(trailer, 2) != at(header, 2):
        fault = "3"
    elif at(trailer, 1) != str(len(segments) + 2):
        fault = "4"
    return TransactionSet(at(header, 1), at(header, 2), segments, fault)


def at(segment: Segment, element: int) -> str:
    """An element by its number, empty where the segment is shorter."""
    return segment[element].strip() if len(segment) > element else ""


def _moment(date: str, time: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(date + time[:4], "%Y%m%d%H%M").replace(tzinfo=MARKET_ZONE)
    except ValueError:
        return None


def write_interchange(
    *,
    envelope: Envelope,
    sets: Sequence[tuple[str, Sequence[Segment]]],
    wrong_counts: bool = False,
) -> bytes:
    """One interchange with one group; ``sets`` are set codes (``814``) with their segments.

    ``wrong_counts`` writes an SE01 that is one too high in every set.
    """
    made = envelope.made_at.astimezone(MARKET_ZONE)
    lines = [_isa(envelope, made)]
    lines.append([
        "GS", envelope.functional_id, envelope.gs_sender, envelope.gs_receiver,
        f"{made:%Y%m%d}", f"{made:%H%M}", str(envelope.control), "X", "004010",
    ])  # fmt: skip
    for number, (code, segments) in enumerate(sets, start=1):
        control = f"{number:04d}"
        count = len(segments) + 2 + wrong_counts
        lines += [["ST", code, control], *segments, ["SE", str(count), control]]
    lines += [
        ["GE", str(len(sets)), str(envelope.control)],
        ["IEA", "1", f"{envelope.control:09d}"],
    ]
    text = "".join(_text(line) for line in lines)
    return text.encode("ascii", "replace")


def _isa(envelope: Envelope, made: dt.datetime) -> Segment:
    elements = [
        "00", "", "00", "", "01", envelope.isa_sender, "01", envelope.isa_receiver,
        f"{made:%y%m%d}", f"{made:%H%M}", "U", "00401", f"{envelope.control:09d}", "0",
        "T" if envelope.is_test else "P", _COMPONENT,
    ]  # fmt: skip
    return ["ISA", *(text.ljust(width) for text, width in zip(elements, _ISA_WIDTHS, strict=True))]


def _text(segment: Segment) -> str:
    elements = segment if segment[0] == "ISA" else _trimmed(segment)
    return _ELEMENT.join(_clean(text) for text in elements) + _END + "\n"


def _clean(text: str) -> str:
    # A name with a separator in it would break the segment.
    return text if text == _COMPONENT else text.replace(_ELEMENT, " ").replace(_END, " ")


def _trimmed(segment: Segment) -> Segment:
    last = max(place for place, text in enumerate(segment) if text)
    return list(segment[: last + 1])
