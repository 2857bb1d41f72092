from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.model import TransactionSet
from ossrep.market.edi.x12.reading import read_interchanges
from ossrep.market.edi.x12.scanning import SET_BYTES_MAX
from ossrep.market.edi.x12.streaming import (
    GroupEnd,
    GroupStart,
    InterchangeEnd,
    InterchangeStart,
    stream,
)
from tests.factories.malformed_edi import GOOD_FILE, malformed_files
from tests.unit.market.edi.x12.files import GS, IEA, ISA, SET, edi


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


class TestStream:
    def test_gives_events_in_order(self) -> None:
        events = list(stream([GOOD_FILE]))

        assert [type(event).__name__ for event in events] == [
            "InterchangeStart",
            "GroupStart",
            "TransactionSet",
            "TransactionSet",
            "GroupEnd",
            "GroupStart",
            "TransactionSet",
            "GroupEnd",
            "InterchangeEnd",
        ]
        starts = [e for e in events if isinstance(e, GroupStart)]
        ends = [e for e in events if isinstance(e, GroupEnd)]
        assert [start.group.functional_id for start in starts] == ["GE", "PT"]
        assert [(end.set_count, end.group.trailer) for end in ends] == [
            (2, ["GE", "2", "501"]),
            (1, ["GE", "1", "502"]),
        ]
        [last] = [e for e in events if isinstance(e, InterchangeEnd)]
        assert (last.group_count, last.interchange.trailer) == (2, ["IEA", "2", "000000501"])

    def test_gives_the_same_however_the_bytes_come(self) -> None:
        expected = list(stream([GOOD_FILE]))

        for size in (1, 2, 3, 7, 100, 106, 107):
            assert list(stream(in_pieces(GOOD_FILE, size))) == expected

    def test_gives_the_same_across_its_own_windows(self) -> None:
        sets = [
            (f"ST*814*{n:04d}", f"BGN*13*{'A' * (n % 97)}*20260219", f"SE*3*{n:04d}")
            for n in range(1, 4001)
        ]
        data = edi(ISA, GS, *(s for each in sets for s in each), "GE*4000*501", IEA, end="~\r\n")

        events = list(stream(in_pieces(data, 70_001)))

        assert len(data) > 3 * 65_536
        found = [e for e in events if isinstance(e, TransactionSet)]
        assert [s.control_number for s in found] == [f"{n:04d}" for n in range(1, 4001)]
        assert {s.faults for s in found} == {()}
        assert all(
            data[s.offset :].startswith(b"ST*814*" + s.control_number.encode()) for s in found
        )
        assert events == list(stream([data]))

    def test_gives_the_first_events_before_the_last_bytes_are_read(self) -> None:
        taken = 0

        def chunks() -> Iterator[bytes]:
            nonlocal taken
            for chunk in in_pieces(edi(ISA, GS, *SET) + edi("REF*X") * 100_000, 65_536):
                taken += 1
                yield chunk

        events = stream(chunks())

        assert isinstance(next(events), InterchangeStart)
        assert taken <= 2

    def test_raises_before_any_event_where_nothing_can_be_told(self) -> None:
        events = stream([b"hel", b"lo"])

        with pytest.raises(EdiError, match="nothing begins with ISA"):
            next(events)

    def test_passes_over_a_set_beyond_the_limit(self) -> None:
        bloated = "REF*Q5*" + "X" * SET_BYTES_MAX
        data = edi(ISA, GS, "ST*814*0009", bloated, "SE*3*0009", *SET, "GE*2*501", IEA)

        long_set, good = [
            e for e in stream(in_pieces(data, 1 << 20)) if isinstance(e, TransactionSet)
        ]

        assert [(f.code, f.where) for f in long_set.faults] == [
            ("set_too_long", "ST, segment 1, byte 159")
        ]
        assert list(long_set.segments) == [["ST", "814", "0009"]]
        assert data[long_set.offset + long_set.length :].startswith(b"ST*814*0001")
        assert good.faults == ()

    def test_holds_no_more_of_a_long_file_than_of_a_short_one(self) -> None:
        def chunks(sets: int) -> Iterator[bytes]:
            yield edi(ISA, GS)
            for number in range(sets):
                body = ["QTY*QD*1.5*KH"] * 200
                head, end = f"ST*867*{number:04d}", f"SE*202*{number:04d}"
                yield edi(head, *body, end)
            yield edi(f"GE*{sets}*501", IEA)

        def peak(sets: int) -> int:
            tracemalloc.start()
            ends = [e for e in stream(chunks(sets)) if isinstance(e, InterchangeEnd)]
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert ends[0].interchange.faults == ()
            return size

        assert peak(300) < peak(100) + 100_000


class TestMalformedFiles:
    def test_are_over_a_thousand_and_all_different(self) -> None:
        files = list(malformed_files())

        assert len(files) > 2000
        assert len({file.name for file in files}) == len(files)
        assert all(file.data != GOOD_FILE for file in files)

    @pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.long)])
    def test_raise_nothing_but_edi_errors_and_read_alike_in_pieces(self, step: int) -> None:
        for number, file in islice(enumerate(malformed_files()), 0, None, step):
            whole = _outcome(file.data, size=1 << 20)

            assert _outcome(file.data, size=1 + number % 50) == whole, file

    @pytest.mark.parametrize("family", ["cut", "torn", "count"])
    def test_that_lack_something_never_pass(self, family: str) -> None:
        files = [file for file in malformed_files() if file.family == family]

        passed = [file.damage for file in files if _is_faultless(file.data)]

        assert len(files) > 50
        assert passed == []

    def test_keep_good_sets_beside_bad_ones(self) -> None:
        data = edi(ISA, GS, *SET[:3], "ST*814*0002", "SE*2*0002", "GE*2*501", IEA)

        [interchange] = read_interchanges(data)

        assert [s.faults == () for s in interchange.groups[0].sets] == [False, True]


def _outcome(data: bytes, *, size: int) -> object:
    try:
        return list(stream(in_pieces(data, size)))
    except EdiError as error:
        return error.fault


def _is_faultless(data: bytes) -> bool:
    try:
        interchanges = read_interchanges(data)
    except EdiError:
        return False
    return not any(
        i.faults or any(g.faults or any(s.faults for s in g.sets) for g in i.groups)
        for i in interchanges
    )
