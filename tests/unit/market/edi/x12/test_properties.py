"""Reading and writing are each other's inverse, and nothing but EdiError is ever raised."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.acknowledging import (
    ElementNote,
    GroupAnswer,
    SegmentNote,
    SetAnswer,
    read_997,
    read_ta1,
    write_997,
)
from ossrep.market.edi.x12.model import Group, Interchange, Segment, Separators, TransactionSet
from ossrep.market.edi.x12.reading import read_interchanges
from ossrep.market.edi.x12.streaming import Event, stream
from ossrep.market.edi.x12.writing import (
    build_group,
    build_interchange,
    build_set,
    write_interchange,
)
from tests.factories.malformed_edi import GOOD_FILE

ENVELOPE = {"ISA", "IEA", "GS", "GE", "ST", "SE"}
ALNUM = string.ascii_uppercase + string.digits
TAGS = st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(lambda t: t not in ENVELOPE)
NUMBERS = st.integers(min_value=1, max_value=999_999_999)
WHEN = st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2099, 1, 1))  # noqa: DTZ001
MARKS = "*>~|^:;!?+_=&%$#@`<[{\t\x1c\x1d\x1e\x1f\xa7"
LATIN_1 = "".join(c for c in map(chr, range(256)) if c.isprintable() or c in "\x80\xa0\xad")
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def separators(draw: st.DrawFn) -> Separators:
    element, component, terminator = draw(
        st.lists(st.sampled_from(MARKS), min_size=3, max_size=3, unique=True)
    )
    terminator = draw(st.sampled_from([terminator, "\n", "\r"]))
    # Where the terminator itself breaks lines, another break after it would be ambiguous.
    ends = ["", "\n", "\r\n"] if terminator not in "\r\n" else [""]
    return Separators(element, component, terminator, draw(st.sampled_from(ends)))


@st.composite
def segments(draw: st.DrawFn, marks: Separators) -> Segment:
    taken = {marks.element, marks.terminator}
    text = st.text([c for c in LATIN_1 if c not in taken], max_size=8)
    return [draw(TAGS), *draw(st.lists(text, min_size=1, max_size=4))]


@st.composite
def sets(draw: st.DrawFn, marks: Separators, number: int) -> TransactionSet:
    code = draw(st.sampled_from(["814", "867", "810", "820", "650", "824"]))
    body = draw(st.lists(segments(marks), max_size=4))
    return build_set(segments=[["ST", code], *body], control_number=f"{number:04d}")


@st.composite
def groups(draw: st.DrawFn, marks: Separators, number: int) -> Group:
    count = draw(st.integers(min_value=0, max_value=2))
    return build_group(
        functional_id=draw(st.sampled_from(["GE", "PT", "IN", "RA", "MO", "AG", "FA"])),
        sender=draw(st.text(ALNUM, min_size=1, max_size=15)),
        receiver=draw(st.text(ALNUM, min_size=1, max_size=15)),
        now=draw(WHEN),
        control_number=number,
        sets=[draw(sets(marks, n)) for n in range(1, count + 1)],
    )


@st.composite
def interchanges(draw: st.DrawFn) -> Interchange:
    marks = draw(separators())
    numbers = draw(st.lists(NUMBERS, max_size=2, unique=True))
    ta1 = ["TA1", "000000001", "260219", "0300", "A", "000"]
    return build_interchange(
        sender_qualifier=draw(st.sampled_from(["01", "14", "ZZ"])),
        sender=draw(st.text(ALNUM, min_size=1, max_size=15)),
        receiver_qualifier="01",
        receiver=draw(st.text(ALNUM, min_size=1, max_size=15)),
        now=draw(WHEN).replace(tzinfo=MARKET_ZONE),
        control_number=draw(NUMBERS),
        is_test=draw(st.booleans()),
        wants_acknowledgment=draw(st.booleans()),
        groups=[draw(groups(marks, number)) for number in numbers],
        acknowledgments=[ta1] * draw(st.integers(min_value=0, max_value=2)),
        separators=marks,
    )


codes = st.text(string.digits, min_size=1, max_size=2)
elements = st.builds(
    ElementNote,
    position=st.integers(0, 99),
    code=codes,
    copy=st.text(ALNUM, max_size=9),
    component=st.none() | st.integers(0, 99),
    reference=st.text(string.digits, max_size=4),
)
notes = st.builds(
    SegmentNote,
    tag=TAGS,
    position=st.integers(0, 999_999),
    code=codes,
    loop=st.text(ALNUM, max_size=4),
    elements=st.lists(elements, max_size=3).map(tuple),
)
set_answers = st.builds(
    SetAnswer,
    code=st.text(ALNUM, min_size=3, max_size=3),
    control_number=st.text(ALNUM, min_size=4, max_size=9),
    result=st.sampled_from("AERMWX"),
    codes=st.lists(codes, max_size=5).map(tuple),
    segments=st.lists(notes, max_size=3).map(tuple),
)
group_answers = st.builds(
    GroupAnswer,
    functional_id=st.sampled_from(["GE", "PT", "IN"]),
    control_number=NUMBERS.map(str),
    result=st.sampled_from("AEPR"),
    included=st.integers(0, 999_999),
    received=st.integers(0, 999_999),
    accepted=st.integers(0, 999_999),
    codes=st.lists(codes, max_size=5).map(tuple),
    sets=st.lists(set_answers, max_size=4).map(tuple),
)


class TestReadingAndWriting:
    @AT_LEISURE
    @given(interchanges())
    def test_what_is_written_reads_back(self, made: Interchange) -> None:
        assert read_interchanges(write_interchange(made)) == [made]

    @AT_LEISURE
    @given(interchanges(), st.sampled_from(["", "\n", "\r\n", None]))
    def test_what_is_read_is_written_back(self, made: Interchange, tail: str | None) -> None:
        if "\n" in made.separators.terminator or "\r" in made.separators.terminator:
            tail = None
        file = write_interchange(dataclasses.replace(made, tail=tail))

        [read] = read_interchanges(file)

        assert write_interchange(read) == file

    @given(st.lists(interchanges(), min_size=2, max_size=2))
    @settings(AT_LEISURE, max_examples=20)
    def test_several_in_one_file_are_told_apart(self, made: list[Interchange]) -> None:
        read = read_interchanges(b"".join(map(write_interchange, made)))

        assert [i.header for i in read] == [i.header for i in made]
        assert [i.groups for i in read] == [i.groups for i in made]

    @AT_LEISURE
    @given(group_answers)
    def test_a_997_reads_back(self, answer: GroupAnswer) -> None:
        made = write_997(answer, control_number="0001")

        assert read_997(made) == answer
        assert made.segments[-1] == ["SE", str(len(made.segments)), "0001"]


class TestAnySegments:
    @AT_LEISURE
    @given(
        st.lists(
            st.lists(
                st.sampled_from(["AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "A", "R", "1", "", "²"])
                | st.text(max_size=4),
                min_size=1,
                max_size=6,
            ),
            max_size=8,
        )
    )
    def test_make_a_997_that_reads_or_is_refused(self, body: list[Segment]) -> None:
        found = build_set(segments=[["ST", "997"], *body], control_number="0001")

        with contextlib.suppress(EdiError):
            answer = read_997(found)
            assert read_997(write_997(answer, control_number="0001")).result == answer.result

    @AT_LEISURE
    @given(st.lists(st.sampled_from(["TA1", "A", "E", "R", "000", ""]), min_size=1, max_size=8))
    def test_make_a_ta1_that_reads_or_is_refused(self, segment: Segment) -> None:
        with contextlib.suppress(EdiError):
            assert read_ta1(segment).result == segment[4]


class TestAnyBytes:
    @AT_LEISURE
    @given(st.binary(max_size=400), st.integers(1, 50))
    def test_raise_nothing_else(self, data: bytes, size: int) -> None:
        _read(data, size)

    @given(
        st.lists(
            st.tuples(st.integers(0, len(GOOD_FILE)), st.integers(0, 40), st.binary(max_size=40)),
            min_size=1,
            max_size=6,
        ),
        st.integers(1, 50),
    )
    @settings(AT_LEISURE, max_examples=300)
    def test_spliced_into_a_file_raise_nothing_else(
        self, splices: list[tuple[int, int, bytes]], size: int
    ) -> None:
        data = GOOD_FILE
        for at, left_out, put in splices:
            data = data[:at] + put + data[at + left_out :]

        _read(data, size)

    @AT_LEISURE
    @given(st.text("ISAGETB*~>0159 \n", max_size=300).map(lambda t: GOOD_FILE[:106] + t.encode()))
    def test_made_of_envelope_characters_raise_nothing_else(self, data: bytes) -> None:
        _read(data, 7)


def _read(data: bytes, size: int) -> None:
    whole = _outcome([data])

    assert _outcome([data[at : at + size] for at in range(0, len(data), size)]) == whole
    for event in whole:
        if isinstance(event, TransactionSet):
            assert data[event.offset :].startswith(b"ST")
            assert event.offset + event.length <= len(data)


def _outcome(pieces: list[bytes]) -> list[Event | Fault]:
    try:
        return list(stream(pieces))
    except EdiError as error:
        return [error.fault]
