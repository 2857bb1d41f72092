from __future__ import annotations

import pytest

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.x12.acknowledging import (
    SETS_TOLD_MAX,
    ElementNote,
    GroupAnswer,
    SegmentNote,
    SetAnswer,
    SetOutcome,
    build_997,
    build_ta1,
    group_is_refused,
    interchange_is_refused,
    judge_group,
    needs_997,
    outcomes_of,
    read_997,
    read_ta1,
    write_997,
)
from ossrep.market.edi.x12.acknowledgment_codes import acknowledgment_codes
from ossrep.market.edi.x12.model import Group, Interchange, TransactionSet
from ossrep.market.edi.x12.reading import read_interchanges
from tests.factories.malformed_edi import malformed_files
from tests.unit.market.edi.x12.files import GE, GS, IEA, ISA, SET, edi, good_file, read_one

SECOND = ("ST*814*0002", "BGN*13*A2*20260219", "SE*3*0002")


def answer(*segments: str) -> list[str]:
    """The body of the 997 for a file of one group."""
    [group] = read_one(edi(*segments)).groups
    made = build_997(group=group, outcomes=outcomes_of(group), control_number="0001")
    return ["*".join(segment) for segment in made.segments[1:-1]]


def one_set(*segments: str) -> list[str]:
    return answer(ISA, GS, *segments, GE, IEA)


class TestBuild997:
    def test_accepts_a_group_without_faults(self) -> None:
        [group] = read_one(good_file()).groups

        made = build_997(group=group, outcomes=outcomes_of(group), control_number="0009")

        assert ["*".join(segment) for segment in made.segments] == [
            "ST*997*0009",
            "AK1*GE*501",
            "AK2*814*0001",
            "AK5*A",
            "AK9*A*1*1*1",
            "SE*6*0009",
        ]

    def test_names_only_the_bad_sets_of_a_group_of_very_many(self) -> None:
        [group] = read_one(good_file()).groups
        good = [SetOutcome("814", f"{number:05d}") for number in range(SETS_TOLD_MAX)]
        bad = SetOutcome("814", "99999", (Fault(code="set_count", message="too few"),))

        made = build_997(group=group, outcomes=[*good, bad], control_number="0009")

        assert ["*".join(segment) for segment in made.segments[1:-1]] == [
            "AK1*GE*501",
            "AK2*814*99999",
            "AK5*R*4",
            "AK9*P*1*10001*10000",
        ]

    def test_accepts_the_good_sets_beside_a_bad_one(self) -> None:
        assert answer(ISA, GS, *SET[:3], "SE*9*0001", *SECOND, "GE*2*501", IEA) == [
            "AK1*GE*501",
            "AK2*814*0001",
            "AK5*R*4",
            "AK2*814*0002",
            "AK5*A",
            "AK9*P*2*2*1",
        ]

    @pytest.mark.parametrize(
        ("segments", "ak5"),
        [
            ((*SET[:3], "SE*5*0001"), "AK5*R*4"),
            ((*SET[:3], "SE*4*0002"), "AK5*R*3"),
            ((*SET[:3], "SE*5*0002"), "AK5*R*4*3"),
            (SET[:3], "AK5*R*2"),
            (("ST**0001", "SE*2*0001"), "AK5*R*6"),
            (("ST*814*1", "SE*2*1"), "AK5*R*7"),
        ],
    )
    def test_tells_what_is_wrong_with_a_set(self, segments: tuple[str, ...], ak5: str) -> None:
        told = one_set(*segments)

        assert told[2:] == [ak5, "AK9*R*1*1*0"]

    def test_tells_a_number_that_is_not_unique(self) -> None:
        assert answer(ISA, GS, *SET, *SET, "GE*2*501", IEA)[3:] == [
            "AK2*814*0001",
            "AK5*R*23",
            "AK9*P*2*2*1",
        ]

    def test_points_to_segments_and_elements(self) -> None:
        assert one_set("ST*814*0001", "bgn*13", "", "REF*Q5*A\x00B*C\x01", "N1", "SE*6*0001") == [
            "AK1*GE*501",
            "AK2*814*0001",
            "AK3*bgn*2**1",
            "AK3**3**1",
            "AK3*REF*4**8",
            "AK4*2**6",
            "AK4*3**6",
            "AK3*N1*5**8",
            "AK5*R*5",
            "AK9*R*1*1*0",
        ]

    def test_tells_what_reading_the_content_found(self) -> None:
        [group] = read_one(good_file()).groups
        faults = (
            Fault(code="segment_missing", message="no ASI", tag="ASI", segment=4),
            Fault(code="element_code", message="x", tag="REF", segment=3, element=1, found="Q~5*"),
            Fault(code="element_date", message="x", tag="BGN", segment=2, element=3, found="2026"),
        )

        made = build_997(
            group=group, outcomes=[SetOutcome("814", "0001", faults)], control_number="0001"
        )

        assert ["*".join(segment) for segment in made.segments[2:-1]] == [
            "AK2*814*0001",
            "AK3*BGN*2**8",
            "AK4*3**8*2026",
            "AK3*REF*3**8",
            "AK4*1**7",
            "AK3*ASI*4**3",
            "AK5*R*5",
            "AK9*R*1*1*0",
        ]

    @pytest.mark.parametrize(
        ("segments", "ak9"),
        [
            ((GS, *SET, "GE*2*501"), "AK9*R*2*1*0*5"),
            ((GS, *SET, "GE*1*502"), "AK9*R*1*1*0*4"),
            ((GS, *SET), "AK9*R*1*1*0*3"),
            ((GS.replace("004010", "003040"), *SET, GE), "AK9*R*1*1*0*2"),
            ((GS.replace("*501*", "*A1*"), *SET, "GE*1*A1"), "AK9*R*1*1*0*6"),
            ((GS.replace("20260219", "20269999"), *SET, GE), "AK9*E*1*1*1"),
            ((GS, GE.replace("*1*", "*0*")), "AK9*A*0*0*0"),
        ],
    )
    def test_tells_what_is_wrong_with_the_group(self, segments: tuple[str, ...], ak9: str) -> None:
        assert answer(ISA, *segments, IEA)[-1] == ak9

    def test_rejects_all_where_the_interchange_was_rejected(self) -> None:
        [group] = read_one(good_file()).groups

        told = judge_group(group=group, outcomes=outcomes_of(group), is_refused=True)

        assert (told.result, told.received, told.accepted) == ("R", 1, 0)

    def test_refuses_to_answer_an_acknowledgment_or_a_group_without_header(self) -> None:
        [group] = read_one(good_file().replace(b"GS*GE*", b"GS*FA*")).groups
        [without] = read_one(edi(ISA, *SET, IEA)).groups

        assert not needs_997("FA")
        for each in (group, without):
            with pytest.raises(EdiError, match="never a group of 997s"):
                build_997(group=each, outcomes=outcomes_of(each), control_number="0001")

    def test_can_answer_every_malformed_file_with_what_reads_back(self) -> None:
        answered = 0
        for file in malformed_files():
            for group in _groups(file.data):
                told = judge_group(group=group, outcomes=outcomes_of(group))
                made = build_997(group=group, outcomes=outcomes_of(group), control_number="0001")
                read = read_997(made)
                assert (read.result, read.received, len(read.sets)) == (
                    told.result,
                    told.received,
                    len(told.sets),
                ), file
                answered += 1
        assert answered > 2000


class TestRead997:
    FULL = GroupAnswer(
        functional_id="GE",
        control_number="501",
        result="P",
        included=2,
        received=2,
        accepted=1,
        codes=("5",),
        sets=(
            SetAnswer("814", "0001", "A"),
            SetAnswer(
                "814",
                "0002",
                "R",
                ("5", "4"),
                (
                    SegmentNote("REF", 4, "8", "", (ElementNote(2, "7", "XX", 1, "128"),)),
                    SegmentNote("ASI", 6, "3", "LIN"),
                ),
            ),
        ),
    )

    def test_is_the_inverse_of_writing(self) -> None:
        assert read_997(write_997(self.FULL, control_number="0001")) == self.FULL

    def test_reads_the_shortest_one(self) -> None:
        read = read_997(_set_of("AK1*IN*7", "AK9*A*3*3*3"))

        assert read == GroupAnswer("IN", "7", "A", 3, 3, 3)

    @pytest.mark.parametrize(
        ("segments", "where"),
        [
            (("AK9*A*1*1*1",), "AK1, segment 3"),
            (("AK1*GE*1",), "AK9, segment 3"),
            (("AK1*GE*1", "AK9*Z*1*1*1"), "AK901, segment 3"),
            (("AK1*GE*1", "AK9*A*1*x*1"), "AK903, segment 3"),
            (("AK1*GE*1", "AK2*814*1", "AK9*A*1*1*1"), "AK5, segment 4"),
            (("AK1*GE*1", "AK5*A", "AK9*A*1*1*1"), "AK501, segment 3"),
            (("AK1*GE*1", "AK2*8*1", "AK3*REF*x", "AK5*A", "AK9*A*1*1*1"), "AK302, segment 4"),
        ],
    )
    def test_refuses_what_cannot_be_understood(self, segments: tuple[str, ...], where: str) -> None:
        with pytest.raises(EdiError) as refused:
            read_997(_set_of(*segments))

        assert refused.value.fault.where == where

    def test_refuses_another_kind_of_set(self) -> None:
        with pytest.raises(EdiError, match="ST01 is not 997"):
            read_997(read_one(good_file()).groups[0].sets[0])


class TestTA1:
    @pytest.mark.parametrize(
        ("data", "result", "note"),
        [
            (good_file(), "A", "000"),
            (good_file() + b"x", "E", "022"),
            (good_file().replace(b"*260219*", b"*260299*"), "E", "014"),
            (good_file().replace(b"IEA*1*", b"IEA*2*"), "R", "021"),
            (good_file().replace(b"*0*P*", b"*9*P*").replace(b"IEA*1*", b"IEA*2*"), "R", "021"),
            (edi(ISA, GS, *SET, GE), "R", "023"),
            (edi(ISA, GS, *SET, GE, "IEA*1*000000502"), "R", "001"),
            (good_file().replace(b"*P*>~", b"*P**~"), "R", "027"),
            (good_file()[:-1], "E", "004"),
        ],
    )
    def test_tells_the_gravest_fault(self, data: bytes, result: str, note: str) -> None:
        interchange = read_one(data)

        ta1 = build_ta1(interchange)

        assert ta1[4:] == [result, note]
        assert (ta1[0], ta1[1], ta1[3]) == ("TA1", "000000501", "0312")
        assert interchange_is_refused(interchange) == (result == "R")
        assert read_ta1(ta1).note == note

    def test_is_refused_without_a_result(self) -> None:
        with pytest.raises(EdiError, match="TA104 is not A, E or R"):
            read_ta1(["TA1", "000000501"])


class TestAcknowledgmentCodes:
    def test_every_code_has_a_meaning(self) -> None:
        table = acknowledgment_codes()

        for part, element in (
            (table.interchange, "TA105"),
            (table.group, "AK905"),
            (table.set, "AK502"),
            (table.segment, "AK304"),
            (table.element, "AK403"),
        ):
            codes = {told.code for told in part.values() if told.code}
            assert {code for code in codes if not table.meaning(element, code)} == set()

    def test_every_fault_of_an_envelope_has_an_answer(self) -> None:
        table = acknowledgment_codes()
        missing: set[str] = set()
        for file in malformed_files():
            for interchange in _interchanges(file.data):
                missing |= {f.code for f in interchange.faults} - set(table.interchange)
                for group in interchange.groups:
                    missing |= {f.code for f in group.faults} - set(table.group)
                    for found in group.sets:
                        known = {*table.set, *table.segment, *table.element}
                        missing |= {f.code for f in found.faults} - known

        assert missing == set()

    def test_an_unknown_fault_refuses_its_group(self) -> None:
        [group] = read_one(good_file()).groups
        strange = Fault(code="strange", message="strange")

        assert not group_is_refused(group)
        assert group_is_refused(Group("GE", "", "", "", "", "1", "X", "004010", (), (strange,)))


def _set_of(*segments: str) -> TransactionSet:
    body = ("ST*997*0001", *segments, f"SE*{len(segments) + 2}*0001")
    return TransactionSet("997", "0001", [segment.split("*") for segment in body])


def _interchanges(data: bytes) -> list[Interchange]:
    try:
        return read_interchanges(data)
    except EdiError:
        return []


def _groups(data: bytes) -> list[Group]:
    return [g for i in _interchanges(data) for g in i.groups if needs_997(g.functional_id)]
