"""997 and TA1: what a receiver says of the syntax of what it received, written and read.

A 997 answers one group, every group but FA; a TA1 answers an interchange whose ISA14 asks for
it. Which X12 code tells which fault stands in ``acknowledgment_codes.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.acknowledgment_codes import Answer, acknowledgment_codes
from ossrep.market.edi.x12.model import Group, Interchange, Segment, TransactionSet
from ossrep.market.edi.x12.writing import build_set

CODES_MAX = 5
"""AK502 to AK506, AK905 to AK909."""
SETS_TOLD_MAX = 10_000
COPY_MAX = 99
"""Characters of AK404."""


@dataclass(frozen=True, slots=True)
class ElementNote:
    """AK4: the element (from 1), its component if any, its data element number, AK403, AK404."""

    position: int
    code: str
    copy: str = ""
    component: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """AK3: the segment's tag, its place in the set (ST is 1), its loop, AK304, its elements."""

    tag: str
    position: int
    code: str = ""
    loop: str = ""
    elements: tuple[ElementNote, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """AK2 to AK5 of one transaction set: ``result`` is AK501, ``codes`` AK502 to AK506."""

    code: str
    control_number: str
    result: str
    codes: tuple[str, ...] = ()
    segments: tuple[SegmentNote, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """True for A and E: the sender need not send the set again."""
        return self.result in ("A", "E")


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """A whole 997: AK1, the sets, and AK9 (``result`` AK901, counts AK902 to AK904, codes)."""

    functional_id: str
    control_number: str
    result: str
    included: int
    received: int
    accepted: int
    codes: tuple[str, ...] = ()
    sets: tuple[SetAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class InterchangeAnswer:
    """TA1: number, date and time of the interchange answered, TA104 and TA105."""

    control_number: str
    date: str
    time: str
    result: str
    note: str


@dataclass(frozen=True, slots=True)
class SetOutcome:
    """What became of one received set: no faults means accepted.

    ``faults`` are those of the envelope and syntax (``TransactionSet.faults``) and those that
    reading its content found and that X12 can tell (a mandatory segment that is missing).
    """

    code: str
    control_number: str
    faults: tuple[Fault, ...] = ()


def needs_997(functional_id: str) -> bool:
    """True for every group but acknowledgments themselves and what has no group header."""
    return functional_id not in ("FA", "")


def group_is_refused(group: Group) -> bool:
    """True when faults of the envelope reject the group with all its sets: apply none."""
    answers = acknowledgment_codes().group
    return any(
        fault.code not in answers or answers[fault.code].answer == "R" for fault in group.faults
    )


def interchange_is_refused(interchange: Interchange) -> bool:
    """True when faults of ISA and IEA reject the interchange with all its groups: apply none."""
    return judge_interchange(interchange).result == "R"


def outcomes_of(group: Group) -> tuple[SetOutcome, ...]:
    """The outcomes of a group's sets as far as their envelopes and syntax tell them."""
    return tuple(SetOutcome(s.code, s.control_number, s.faults) for s in group.sets)


def build_997(
    *,
    group: Group,
    outcomes: Iterable[SetOutcome],
    control_number: str,
    is_refused: bool = False,
) -> TransactionSet:
    """The 997 of a group; ``group`` may be without its sets, ``outcomes`` has one for each.

    ``is_refused`` rejects the group for a reason outside it: its interchange was rejected.

    Raises:
        EdiError: the group is itself one of acknowledgments, or has no header to refer to.
    """
    if not needs_997(group.functional_id):
        message = "a 997 answers a group with a header, and never a group of 997s"
        raise EdiError(Fault(code="cannot_acknowledge", message=message, tag="GS"))
    answer = judge_group(group=group, outcomes=outcomes, is_refused=is_refused)
    return write_997(answer, control_number=control_number)


def judge_group(
    *, group: Group, outcomes: Iterable[SetOutcome], is_refused: bool = False
) -> GroupAnswer:
    """The answer to a group, as data.

    Of a group of more than ``SETS_TOLD_MAX`` sets only those with something to tell are named:
    AK2 is optional, AK9 counts all, and the answer stays of a size that its receiver can take.
    """
    given = outcomes if isinstance(outcomes, Sequence) else list(outcomes)
    are_all_told = len(given) <= SETS_TOLD_MAX
    sets = tuple(judge_set(each) for each in given if are_all_told or each.faults)
    untold = len(given) - len(sets)
    refused = is_refused or group_is_refused(group)
    table = acknowledgment_codes().group
    codes = [table[fault.code].code for fault in group.faults if fault.code in table]
    accepted = 0 if refused else untold + sum(answer.is_accepted for answer in sets)
    if refused or (given and not accepted):
        result = "R"
    elif accepted < len(given):
        result = "P"
    else:
        result = "E" if group.faults or any(s.result == "E" for s in sets) else "A"
    declared = group.trailer[1] if len(group.trailer) > 1 else ""
    is_count = declared.isdecimal() and declared.isascii() and len(declared) <= 6
    return GroupAnswer(
        functional_id=group.functional_id,
        control_number=group.control_number,
        result=result,
        included=int(declared) if is_count else len(given),
        received=len(given),
        accepted=accepted,
        codes=_distinct(codes),
        sets=sets,
    )


def judge_set(outcome: SetOutcome) -> SetAnswer:
    """The answer to one set: A without faults, else R with the codes that tell them."""
    table = acknowledgment_codes()
    codes = [table.set[f.code].code for f in outcome.faults if f.code in table.set]
    in_segments = [f for f in outcome.faults if f.code not in table.set]
    if in_segments:
        codes.append("5")
    return SetAnswer(
        outcome.code,
        outcome.control_number,
        "R" if outcome.faults else "A",
        _distinct(codes),
        tuple(_segment_notes(in_segments)),
    )


def judge_interchange(interchange: Interchange) -> InterchangeAnswer:
    """TA104 and TA105 by the faults of ISA and IEA; the gravest is told."""
    table = acknowledgment_codes().interchange
    known = [table[fault.code] for fault in interchange.faults if fault.code in table]
    rejecting = [answer for answer in known if answer.answer == "R"]
    if not interchange.faults:
        told = Answer("000", "A")
    else:
        told = next(iter(rejecting or known), Answer("022", "R"))
    isa = interchange.header
    return InterchangeAnswer(interchange.control_number, isa[9], isa[10], told.answer, told.code)


def build_ta1(interchange: Interchange) -> Segment:
    """The TA1 that answers an interchange; it goes back in an interchange of its own."""
    answer = judge_interchange(interchange)
    values = (answer.control_number, answer.date, answer.time, answer.result, answer.note)
    return _plain("TA1", *values)


def read_ta1(segment: Segment) -> InterchangeAnswer:
    """A TA1 as data.

    Raises:
        EdiError: it is not one, or has no result.
    """
    values = [*segment[1:6], *[""] * 5][:5]
    if segment[0] != "TA1" or values[3] not in ("A", "E", "R"):
        raise _misread("TA1", 1, 4, "A, E or R", values[3])
    return InterchangeAnswer(*values)


def write_997(answer: GroupAnswer, *, control_number: str) -> TransactionSet:
    """The transaction set of an answer."""
    segments: list[Segment] = [["ST", "997", control_number]]
    segments.append(_plain("AK1", answer.functional_id, answer.control_number))
    for each in answer.sets:
        segments.append(_plain("AK2", each.code, each.control_number))
        for note in each.segments:
            segments.append(_plain("AK3", note.tag, str(note.position), note.loop, note.code))
            segments += [_element_segment(element) for element in note.elements]
        segments.append(_plain("AK5", each.result, *each.codes[:CODES_MAX]))
    counts = map(str, (answer.included, answer.received, answer.accepted))
    segments.append(_plain("AK9", answer.result, *counts, *answer.codes[:CODES_MAX]))
    return build_set(segments=segments, control_number=control_number)


def read_997(found: TransactionSet) -> GroupAnswer:
    """What a received 997 says of a group of ours.

    Raises:
        EdiError: it is not a 997, or AK1, AK5 or AK9 is missing or not to be understood; the
            fault names the segment.
    """
    segments = list(enumerate(found.segments, start=1))
    if found.code != "997":
        raise _misread("ST", 1, 1, "997", found.code)
    heads = [(n, s) for n, s in segments if s[0] == "AK1"]
    ends = [(n, s) for n, s in segments if s[0] == "AK9"]
    if len(heads) != 1 or len(ends) != 1:
        tag = "AK1" if len(heads) != 1 else "AK9"
        raise _misread(
            tag, len(segments), None, f"one {tag}", str(len(heads if tag == "AK1" else ends))
        )
    number, end = ends[0]
    head = [*heads[0][1], "", ""]
    if len(end) < 2 or end[1] not in acknowledgment_codes().meanings["AK901"]:
        raise _misread("AK9", number, 1, "a result such as A or R", end[1] if len(end) > 1 else "")
    included, received, accepted = (_count(end, index, number) for index in (2, 3, 4))
    return GroupAnswer(
        functional_id=head[1],
        control_number=head[2],
        result=end[1],
        included=included,
        received=received,
        accepted=accepted,
        codes=tuple(code for code in end[5:] if code),
        sets=tuple(_read_sets(segments)),
    )


def _read_sets(segments: Sequence[tuple[int, Segment]]) -> Iterable[SetAnswer]:
    opened: Segment | None = None
    notes: list[SegmentNote] = []
    for number, segment in segments:
        tag = segment[0]
        if tag in ("AK2", "AK9") and opened is not None:
            raise _misread("AK5", number, None, f"AK5 for set {opened[2]}", tag)
        if tag == "AK2":
            opened, notes = [*segment, "", ""], []
        elif tag == "AK3":
            notes.append(_read_segment_note(segment, number))
        elif tag == "AK4" and notes:
            last = notes[-1]
            element = _read_element_note(segment, number)
            notes[-1] = SegmentNote(
                last.tag, last.position, last.code, last.loop, (*last.elements, element)
            )
        elif tag == "AK5":
            if opened is None or len(segment) < 2 or not segment[1]:
                raise _misread("AK5", number, 1, "a result after AK2", "*".join(segment[1:2]))
            codes = tuple(code for code in segment[2:] if code)
            yield SetAnswer(opened[1], opened[2], segment[1], codes, tuple(notes))
            opened = None


def _read_segment_note(segment: Segment, number: int) -> SegmentNote:
    values = [*segment, *[""] * 4]
    return SegmentNote(values[1], _count(segment, 2, number), values[4], values[3])


def _read_element_note(segment: Segment, number: int) -> ElementNote:
    values = [*segment, *[""] * 4]
    # AK401 is a composite of the element's and the component's place; the component separator
    # is any mark that is no digit.
    places = "".join(c if c.isdecimal() and c.isascii() else " " for c in values[1]).split()
    if not places or len(places[0]) > 4:
        raise _misread("AK4", number, 1, "a place", values[1])
    component = int(places[1]) if len(places) > 1 and len(places[1]) <= 4 else None
    return ElementNote(int(places[0]), values[3], values[4], component, values[2])


def _segment_notes(faults: Sequence[Fault]) -> Iterable[SegmentNote]:
    table = acknowledgment_codes()
    placed = sorted((f for f in faults if f.segment is not None), key=lambda f: f.segment or 0)
    for number, together in groupby(placed, key=lambda f: f.segment or 0):
        same = list(together)
        whole = [table.segment[f.code].code for f in same if f.code in table.segment]
        elements = tuple(
            ElementNote(f.element, table.element[f.code].code, _copy(f.found))
            for f in same
            if f.element is not None and f.code in table.element
        )
        tag = next((f.tag for f in same if f.tag), "")
        yield SegmentNote(tag, number, whole[0] if whole else "8", "", elements)


def _element_segment(note: ElementNote) -> Segment:
    place = str(note.position) + (f">{note.component}" if note.component is not None else "")
    tag, _, *rest = _plain("AK4", "0", note.reference, note.code, note.copy)
    return [tag, place, *rest]


def _copy(value: str) -> str:
    printable = _printable(value)
    return printable[:COPY_MAX] if printable == value else ""


def _printable(value: str) -> str:
    """A text that can stand in an element whatever the separators: what cannot is left out."""
    return "".join(c for c in value if c.isascii() and c.isprintable() and c not in "*~|>")


def _plain(*values: str) -> Segment:
    """A segment without empty elements at its end, two elements at least."""
    segment = [_printable(value) for value in values]
    while len(segment) > 2 and not segment[-1]:
        segment.pop()
    return segment


def _distinct(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))[:CODES_MAX]


def _count(segment: Segment, index: int, number: int) -> int:
    value = segment[index] if len(segment) > index else ""
    if not (value.isdecimal() and value.isascii() and len(value) <= 10):
        raise _misread(segment[0], number, index, "a count", value)
    return int(value)


def _misread(tag: str, segment: int, element: int | None, expected: str, found: str) -> EdiError:
    where = tag if element is None else f"{tag}{element:02d}"
    fault = Fault(
        code="acknowledgment_unreadable",
        message=f"{where} is not {expected}",
        tag=tag,
        segment=segment,
        element=element,
        rule="X12 997 and TA1",
        expected=expected,
        found=found[:80],
    )
    return EdiError(fault)
