from __future__ import annotations

import pytest

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.model import Separators
from ossrep.market.edi.x12.reading import read_interchanges
from tests.unit.market.edi.x12.files import (
    GE,
    GS,
    IEA,
    ISA,
    SET,
    edi,
    good_file,
    only_group,
    only_set,
    read_one,
)

SECOND = ("ST*814*0002", "BGN*13*A2*20260219", "SE*3*0002")


def codes(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.code for fault in faults]


class TestReadInterchanges:
    def test_tells_envelopes_and_segments(self) -> None:
        interchange = read_one(good_file())

        assert (interchange.sender_qualifier, interchange.sender) == ("01", "183529049")
        assert (interchange.receiver_qualifier, interchange.receiver) == ("01", "999999999")
        assert interchange.control_number == "000000501"
        assert not interchange.wants_acknowledgment
        assert not interchange.is_test
        assert interchange.separators == Separators("*", ">", "~", "")
        [group] = interchange.groups
        assert (group.functional_id, group.sender, group.receiver) == (
            "GE",
            "183529049",
            "999999999",
        )
        assert (group.date, group.time, group.control_number) == ("20260219", "0312", "501")
        assert (group.agency, group.version) == ("X", "004010")
        [found] = group.sets
        assert (found.code, found.control_number, found.faults) == ("814", "0001", ())
        assert found.segments == [
            ["ST", "814", "0001"],
            ["BGN", "13", "A1", "20260219"],
            ["REF", "Q5", "", "10443720000000001"],
            ["SE", "4", "0001"],
        ]

    @pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r\n", "|", "\x1c"])
    def test_keeps_the_bytes_of_each_set_in_reach(self, end: str) -> None:
        data = edi(ISA, GS, *SET, *SECOND, "GE*2*501", IEA, end=end)

        first, second = only_group(data).sets

        assert data[first.offset : first.offset + first.length] == (end.join(SET) + end[0]).encode()
        assert data[second.offset :].startswith(b"ST*814*0002")

    def test_reads_several_interchanges_each_with_its_separators(self) -> None:
        other = good_file().replace(b"000000501", b"000000502").replace(b"*", b"|")

        first, second = read_interchanges(good_file() + b"\r\n" + other)

        assert (first.control_number, first.separators.element) == ("000000501", "*")
        assert (second.control_number, second.separators.element) == ("000000502", "|")
        assert (first.faults, second.faults) == ((), ())
        assert second.groups[0].sets[0].segments == first.groups[0].sets[0].segments

    def test_takes_anything_but_p_for_a_test(self) -> None:
        assert read_one(good_file().replace(b"*P*>", b"*T*>")).is_test
        assert read_one(good_file().replace(b"*P*>", b"*X*>")).is_test

    def test_reads_ta1(self) -> None:
        ta1 = "TA1*000000017*260219*0300*A*000"

        interchange = read_one(edi(ISA, ta1, "IEA*0*000000501"))

        assert interchange.acknowledgments == (ta1.split("*"),)
        assert (interchange.groups, interchange.faults) == ((), ())

    @pytest.mark.parametrize("character", ["é", "\x80", "\xff"])
    def test_keeps_bytes_beyond_ascii_as_latin_1(self, character: str) -> None:
        found = only_set(good_file().replace(b"*A1*", f"*A{character}*".encode("latin-1")))

        assert found.segments[1] == ["BGN", "13", f"A{character}", "20260219"]
        assert found.faults == ()

    def test_forgives_mixed_line_ends(self) -> None:
        mixed = (
            edi(ISA, GS) + b"\n" + edi(*SET[:2]) + b"\r\n" + edi(*SET[2:], GE) + b"\n" + edi(IEA)
        )

        assert only_set(mixed).segments == only_set(good_file()).segments


class TestAFileWithoutAnInterchange:
    @pytest.mark.parametrize(
        ("data", "code", "where"),
        [
            (b"", "empty", "byte 0"),
            (b" \r\n", "empty", "byte 0"),
            (b"\n\nhello", "no_interchange", "byte 2"),
            (b"xISA", "isa_unreadable", "ISA, byte 1"),
            (good_file()[:100], "isa_unreadable", "ISA, byte 0"),
            (good_file()[:105], "isa_unreadable", "ISA16, byte 0"),
            (good_file().replace(b"~", b"*"), "isa_unreadable", "ISA16, byte 0"),
            (good_file().replace(b"~", b"7"), "isa_unreadable", "ISA16, byte 0"),
            (good_file().decode().encode("utf-16"), "encoding", "byte 0"),
            (good_file().decode().encode("utf-16-be"), "encoding", "byte 0"),
            (b"\n" + good_file().decode().encode("utf-32-le"), "encoding", "byte 0"),
        ],
    )
    def test_is_refused(self, data: bytes, code: str, where: str) -> None:
        with pytest.raises(EdiError) as refused:
            read_interchanges(data)

        assert (refused.value.fault.code, refused.value.fault.where) == (code, where)


class TestTheHeader:
    def test_is_read_though_shorter_with_a_fault(self) -> None:
        interchange = read_one(good_file().replace(b"*183529049      *", b"*183529049*", 1))

        assert [(f.code, f.where, f.expected, f.found) for f in interchange.faults] == [
            ("isa_length", "ISA, byte 0", "106", "100")
        ]
        assert interchange.sender == "183529049"
        assert interchange.groups == read_one(good_file()).groups

    @pytest.mark.parametrize(
        ("old", "new", "code", "where"),
        [
            ("*183529049      *", "*               *", "isa_sender", "ISA06, byte 0"),
            ("*999999999      *", "*               *", "isa_receiver", "ISA08, byte 0"),
            ("*260219*", "*260230*", "isa_date", "ISA09, byte 0"),
            ("*0312*U", "*2460*U", "isa_time", "ISA10, byte 0"),
            ("*U*", "*X*", "isa_standard", "ISA11, byte 0"),
            ("*00401*", "*00501*", "isa_version", "ISA12, byte 0"),
            ("*0*P*", "*2*P*", "isa_acknowledgment", "ISA14, byte 0"),
            ("*0*P*", "*0*Q*", "isa_usage", "ISA15, byte 0"),
            ("*P*>~", "*P**~", "separators_collide", "ISA16, byte 0"),
            ("*P*>~", "*P*~~", "separators_collide", "ISA16, byte 0"),
            ("*P*>~", "*P*A~", "separators_collide", "ISA16, byte 0"),
        ],
    )
    def test_tells_which_element_is_wrong(self, old: str, new: str, code: str, where: str) -> None:
        interchange = read_one(good_file().replace(old.encode(), new.encode(), 1))

        assert [(f.code, f.where) for f in interchange.faults] == [(code, where)]
        assert interchange.groups == read_one(good_file()).groups

    def test_must_have_a_number_of_nine_digits(self) -> None:
        interchange = read_one(good_file().replace(b"000000501", b"00000050A"))

        assert codes(interchange.faults) == ["isa_control_number"]


class TestTheInterchange:
    @pytest.mark.parametrize(
        ("trailer", "code", "expected", "found"),
        [
            ("IEA*2*000000501", "interchange_count", "1", "2"),
            ("IEA*x*000000501", "interchange_count", "1", "x"),
            ("IEA*1*000000502", "interchange_control_number_differs", "000000501", "000000502"),
            ("IEA*1*501", "interchange_control_number_differs", "000000501", "501"),
            ("IEA*1", "interchange_control_number_differs", "000000501", ""),
        ],
    )
    def test_must_agree_with_its_trailer(
        self, trailer: str, code: str, expected: str, found: str
    ) -> None:
        [fault] = read_one(edi(ISA, GS, *SET, GE, trailer)).faults

        assert (fault.code, fault.expected, fault.found) == (code, expected, found)
        assert fault.position == len(edi(ISA, GS, *SET, GE))

    def test_may_not_end_without_iea(self) -> None:
        data = edi(ISA, GS, *SET, GE)

        interchange = read_one(data)

        assert [(f.code, f.where) for f in interchange.faults] == [
            ("interchange_trailer_missing", f"IEA, byte {len(data)}")
        ]
        assert codes(interchange.groups[0].faults) == []

    def test_ends_where_another_begins(self) -> None:
        first, second = read_interchanges(
            edi(ISA, GS, *SET) + good_file().replace(b"000000501", b"000000502")
        )

        assert codes(first.faults) == ["interchange_trailer_missing"]
        assert codes(first.groups[0].faults) == ["group_trailer_missing"]
        assert first.groups[0].sets[0].faults == ()
        assert second == read_one(good_file().replace(b"000000501", b"000000502"))

    @pytest.mark.parametrize("kept", [20, 30, 45])
    def test_ends_where_another_begins_in_a_torn_segment(self, kept: int) -> None:
        torn = edi(ISA, GS, *SET)[:-kept]

        first, second = read_interchanges(torn + good_file().replace(b"000000501", b"000000502"))

        assert codes(first.faults) == ["interchange_trailer_missing"]
        assert codes(first.groups[0].faults) == ["group_trailer_missing"]
        assert codes(first.groups[0].sets[0].faults) == ["set_trailer_missing"]
        assert second.faults == ()

    @pytest.mark.parametrize("mark", [b"*", b"|"])
    def test_ends_where_another_begins_in_a_torn_trailer(self, mark: bytes) -> None:
        other = good_file().replace(b"000000501", b"000000502").replace(b"*", mark)

        first, second = read_interchanges(edi(ISA, GS, *SET)[:-3] + other)

        assert codes(first.faults) == ["interchange_trailer_missing"]
        assert codes(first.groups[0].sets[0].faults) == ["set_control_number_differs"]
        assert (second.faults, second.separators.element) == ((), mark.decode())

    def test_may_not_repeat_its_number_in_a_file(self) -> None:
        first, second = read_interchanges(good_file() * 2)

        assert first.faults == ()
        assert [(f.code, f.where) for f in second.faults] == [
            ("interchange_control_number_repeated", f"ISA13, byte {len(good_file())}")
        ]

    def test_has_a_fault_for_text_around_it(self) -> None:
        data = b"hello\n" + good_file() + b"\n\nfoot"

        interchange = read_one(data)

        assert [(f.code, f.position, f.found) for f in interchange.faults] == [
            ("text_outside", 0, "hello\n"),
            ("text_outside", len(data) - 4, "foot"),
        ]

    def test_has_a_fault_for_a_byte_order_mark(self) -> None:
        interchange = read_one(b"\xef\xbb\xbf" + good_file())

        assert codes(interchange.faults) == ["byte_order_mark"]
        assert interchange.offset == 3

    def test_has_one_fault_for_all_segments_outside_groups(self) -> None:
        interchange = read_one(edi(ISA, "REF*1", "REF*2", GS, *SET, GE, "QQQ", IEA))

        assert [(f.code, f.where, f.message) for f in interchange.faults] == [
            (
                "interchange_stray",
                "REF, byte 106",
                "3 segments stand between the groups of the interchange",
            )
        ]

    def test_may_lack_only_the_last_terminator_with_a_fault(self) -> None:
        interchange = read_one(good_file()[:-1])

        assert codes(interchange.faults) == ["terminator_missing"]


class TestTheGroup:
    @pytest.mark.parametrize(
        ("header", "code", "where"),
        [
            (GS.replace("*GE*", "*g*"), "group_functional_id", "GS01, byte 106"),
            (GS.replace("20260219", "20260232"), "group_date", "GS04, byte 106"),
            (GS.replace("0312", "9912"), "group_time", "GS05, byte 106"),
            (GS.replace("004010", "003040"), "group_version", "GS08, byte 106"),
            (GS + "*X", "group_header", "GS, byte 106"),
        ],
    )
    def test_has_a_header_that_can_be_trusted(self, header: str, code: str, where: str) -> None:
        [group] = read_one(edi(ISA, header, *SET, GE, IEA)).groups

        assert [(f.code, f.where) for f in group.faults] == [(code, where)]

    @pytest.mark.parametrize("time", ["0312", "031259", "0312591", "03125912"])
    def test_may_tell_its_time_to_the_hundredth_second(self, time: str) -> None:
        assert only_group(edi(ISA, GS.replace("0312", time), *SET, GE, IEA)).faults == ()

    @pytest.mark.parametrize(
        ("trailer", "code", "expected", "found"),
        [
            ("GE*0*501", "group_count", "1", "0"),
            ("GE*²*501", "group_count", "1", "²"),
            ("GE*1*0501", "group_control_number_differs", "501", "0501"),
        ],
    )
    def test_must_agree_with_its_trailer(
        self, trailer: str, code: str, expected: str, found: str
    ) -> None:
        [fault] = only_group(edi(ISA, GS, *SET, trailer, IEA)).faults

        assert (fault.code, fault.expected, fault.found) == (code, expected, found)
        assert fault.where.endswith(f"byte {len(edi(ISA, GS, *SET))}")

    def test_may_not_end_without_ge(self) -> None:
        data = edi(ISA, GS, *SET, GS.replace("*501*", "*502*"), *SET, "GE*1*502", "IEA*2*000000501")

        first, second = read_one(data).groups

        assert codes(first.faults) == ["group_trailer_missing"]
        assert second.faults == ()

    def test_may_not_repeat_its_number_in_an_interchange(self) -> None:
        data = edi(ISA, GS, *SET, GE, GS, *SET, GE, "IEA*2*000000501")

        first, second = read_one(data).groups

        assert first.faults == ()
        assert codes(second.faults) == ["group_control_number_repeated"]

    def test_is_made_up_for_a_set_outside_any(self) -> None:
        [group] = read_one(edi(ISA, *SET, IEA)).groups

        assert group.functional_id == ""
        assert codes(group.faults) == ["group_header_missing", "group_trailer_missing"]
        assert group.sets[0].segments[0] == ["ST", "814", "0001"]

    def test_has_a_fault_for_segments_between_its_sets(self) -> None:
        [fault] = only_group(edi(ISA, GS, *SET, "REF*Q5", GE, IEA)).faults

        assert (fault.code, fault.found) == ("group_stray", "REF*Q5")


class TestTheSet:
    @pytest.mark.parametrize(
        ("trailer", "code", "where", "expected", "found"),
        [
            ("SE*5*0001", "set_count", "SE01, segment 4", "4", "5"),
            ("SE*-4*0001", "set_count", "SE01, segment 4", "4", "-4"),
            ("SE**0001", "set_count", "SE01, segment 4", "4", ""),
            ("SE*4*0002", "set_control_number_differs", "SE02, segment 4", "0001", "0002"),
        ],
    )
    def test_must_agree_with_its_trailer(
        self, trailer: str, code: str, where: str, expected: str, found: str
    ) -> None:
        [fault] = only_set(edi(ISA, GS, *SET[:3], trailer, GE, IEA)).faults

        assert (fault.code, fault.expected, fault.found) == (code, expected, found)
        assert fault.where == f"{where}, byte {len(edi(ISA, GS, *SET[:3]))}"

    def test_may_not_end_without_se(self) -> None:
        first, second = only_group(edi(ISA, GS, *SET[:3], *SECOND, "GE*2*501", IEA)).sets

        assert [(f.code, f.where) for f in first.faults] == [
            ("set_trailer_missing", f"SE, segment 4, byte {len(edi(ISA, GS, *SET[:3])) - 1}")
        ]
        assert [segment[0] for segment in first.segments] == ["ST", "BGN", "REF"]
        assert second.faults == ()

    def test_may_not_repeat_its_number_in_a_group(self) -> None:
        first, second = only_group(edi(ISA, GS, *SET, *SET, "GE*2*501", IEA)).sets

        assert first.faults == ()
        assert [(f.code, f.where) for f in second.faults] == [
            ("set_control_number_repeated", f"ST02, segment 1, byte {second.offset}")
        ]

    @pytest.mark.parametrize("number", ["", "1", "001", "0123456789", "00é1"])
    def test_has_a_number_of_four_to_nine_characters(self, number: str) -> None:
        found = only_set(good_file().replace(b"*0001~", f"*{number}~".encode("latin-1")))

        assert codes(found.faults) == ["set_control_number"]

    def test_tells_each_odd_segment_and_element_with_its_place(self) -> None:
        odd = ("ST*814*0001", "bgn*13", "", "REF*Q5*A\x00B*C", "N1", "REF*\r\n", "SE*7*0001")

        found = only_set(edi(ISA, GS, *odd, GE, IEA))

        start = len(edi(ISA, GS))
        assert [(f.code, f.where, f.found) for f in found.faults] == [
            ("segment_tag", f"bgn, segment 2, byte {start + 12}", "bgn"),
            ("segment_empty", f"segment 3, byte {start + 19}", ""),
            ("character_invalid", f"REF02, segment 4, byte {start + 27}", "A\x00B"),
            ("segment_bare", f"N1, segment 5, byte {start + 33}", "N1"),
            ("character_invalid", f"REF01, segment 6, byte {start + 40}", "\r\n"),
        ]
        assert found.segments == [piece.split("*") for piece in odd]

    def test_tells_at_most_a_hundred_faults(self) -> None:
        found = only_set(edi(ISA, GS, "ST*814*0001", *["x*1"] * 500, "SE*502*0001", GE, IEA))

        assert len(found.faults) == 100
        assert found.faults[-1].message == "401 more faults of this part are not listed"
