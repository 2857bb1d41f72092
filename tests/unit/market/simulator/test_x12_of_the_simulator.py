"""The simulated market's own X12, and the reference's samples read by it."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.simulator.errors import UnreadableFile
from ossrep.market.simulator.x12 import Envelope, read_interchange, write_interchange

ENVELOPE = Envelope(
    isa_sender="183529049",
    isa_receiver="999999999T",
    gs_sender="183529049",
    gs_receiver="999999999",
    functional_id="GE",
    control=101,
    is_test=True,
    made_at=dt.datetime(2026, 2, 19, 9, 12, tzinfo=dt.UTC),
)
SEGMENTS = [["BGN", "13", "CR1", "20260219", "", "", "", "", "16"], ["REF", "Q5", "", "1044"]]


class TestWriteInterchange:
    def test_writes_it_letter_by_letter(self) -> None:
        data = write_interchange(envelope=ENVELOPE, sets=[("814", SEGMENTS)])

        assert data.decode() == (
            "ISA*00*          *00*          *01*183529049      *01*999999999T     "
            "*260219*0312*U*00401*000000101*0*T*>~\n"
            "GS*GE*183529049*999999999*20260219*0312*101*X*004010~\n"
            "ST*814*0001~\nBGN*13*CR1*20260219*****16~\nREF*Q5**1044~\nSE*4*0001~\n"
            "GE*1*101~\nIEA*1*000000101~\n"
        )

    def test_keeps_separators_out_of_texts(self) -> None:
        data = write_interchange(envelope=ENVELOPE, sets=[("814", [["N1", "8R", "A*B~C"]])])

        assert b"N1*8R*A B C~" in data


class TestReadInterchange:
    def test_reads_what_it_wrote(self) -> None:
        data = write_interchange(envelope=ENVELOPE, sets=[("814", SEGMENTS), ("814", SEGMENTS)])

        interchange = read_interchange(data=data)

        assert (interchange.sender, interchange.receiver) == ("183529049", "999999999T")
        (group,) = interchange.groups
        assert (group.functional_id, group.control, group.fault) == ("GE", "101", "")
        assert group.sent_at == ENVELOPE.made_at
        assert [t.segments for t in group.sets] == [SEGMENTS, SEGMENTS]
        assert [t.fault for t in group.sets] == ["", ""]

    def test_takes_the_delimiters_from_the_header(self) -> None:
        data = write_interchange(envelope=ENVELOPE, sets=[("814", SEGMENTS)])
        other = data.replace(b"\n", b"").replace(b"*", b"|").replace(b"~", b"\n")

        (group,) = read_interchange(data=other).groups

        assert group.sets[0].segments == SEGMENTS

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [
            (b"SE*4*0001~", b"SE*5*0001~", "4"),
            (b"SE*4*0001~", b"SE*4*0002~", "3"),
            (b"SE*4*0001~\n", b"", "2"),
        ],
        ids=["count", "control number", "no trailer"],
    )
    def test_marks_a_set_with_a_wrong_envelope(self, old: bytes, new: bytes, fault: str) -> None:
        data = write_interchange(envelope=ENVELOPE, sets=[("814", SEGMENTS)]).replace(old, new)

        (group,) = read_interchange(data=data).groups

        assert group.sets[0].fault == fault

    @pytest.mark.parametrize("data", [b"", b"ISA*00", b"\x00" * 200, b"UNA:+.? '" * 20])
    def test_refuses_what_is_no_interchange(self, data: bytes) -> None:
        with pytest.raises(UnreadableFile):
            read_interchange(data=data)
