from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.x12.model import Group, Interchange, Separators
from ossrep.market.edi.x12.reading import read_interchanges
from ossrep.market.edi.x12.writing import (
    build_group,
    build_interchange,
    build_set,
    write_interchange,
)
from tests.factories.malformed_edi import GOOD_FILE
from tests.unit.market.edi.x12.files import GE, GS, IEA, ISA, SET, edi, good_file, read_one

NOW = dt.datetime(2026, 2, 19, 3, 12, tzinfo=MARKET_ZONE)


def group(*names: str) -> Group:
    sets = [
        build_set(segments=[["ST", "814"], ["N1", "8R", name]], control_number=f"{n:04d}")
        for n, name in enumerate(names, start=1)
    ]
    return build_group(
        functional_id="GE",
        sender="9999999990000",
        receiver="183529049",
        now=NOW,
        control_number=7,
        sets=sets,
    )


def interchange(
    *names: str, separators: Separators | None = None, sender: str = "999999999T"
) -> Interchange:
    return build_interchange(
        sender_qualifier="01",
        sender=sender,
        receiver_qualifier="01",
        receiver="183529049",
        now=NOW,
        control_number=42,
        is_test=True,
        groups=[group(*names)],
        separators=separators,
    )


class TestWriteInterchange:
    def test_writes_a_new_file_with_counts_and_numbers(self) -> None:
        assert write_interchange(interchange("JANE SAMPLE", "JOHN SAMPLE")) == edi(
            "ISA*00*          *00*          *01*999999999T     *01*183529049      "
            "*260219*0312*U*00401*000000042*0*T*>",
            "GS*GE*9999999990000*183529049*20260219*0312*7*X*004010",
            "ST*814*0001",
            "N1*8R*JANE SAMPLE",
            "SE*3*0001",
            "ST*814*0002",
            "N1*8R*JOHN SAMPLE",
            "SE*3*0002",
            "GE*2*7",
            "IEA*1*000000042",
        )

    @pytest.mark.parametrize(
        "data",
        [
            GOOD_FILE,
            good_file(end="~\n"),
            good_file(end="~\r\n"),
            good_file(end="\r\n"),
            good_file(end="\n"),
            good_file(end="~\r\n")[:-2],
            good_file(end="~\n") + b"\n\n",
            edi(ISA, GS, *SET, "GE*01*501", "IEA*00001*000000501"),
            edi(ISA, "TA1*000000017*260219*0300*A*000", "IEA*0*000000501"),
            edi(ISA, GS, "ST*814*0001", "REF*Q5**1**", "SE*3*0001", GE, IEA),
            edi(ISA, GS, "ST*814*0001", "N1*8R*JOS\xc9", "SE*3*0001", GE, IEA),
        ],
    )
    def test_gives_back_what_was_read_byte_for_byte(self, data: bytes) -> None:
        assert write_interchange(read_one(data)) == data

    def test_counts_anew_what_has_changed(self) -> None:
        read = read_one(GOOD_FILE)

        fewer = dataclasses.replace(read, groups=read.groups[:1])

        assert write_interchange(fewer).endswith(b"~GE*2*501~IEA*1*000000501~")

    def test_does_not_write_what_it_cannot_read_again(self) -> None:
        for name, found in {
            "A*B": "the element separator '*'",
            "A~B": "the segment terminator '~'",
            "A\nB": "the control character '\\n'",
            "A\x00": "the control character '\\x00'",
            "\u5b57": "'\u5b57', which is not a character of one byte",
        }.items():
            with pytest.raises(EdiError) as refused:
                write_interchange(interchange("JANE", name))

            assert refused.value.fault.message == f"an element holds {found}"
            assert refused.value.fault.where == "N102, segment 2"

    def test_takes_other_separators(self) -> None:
        made = interchange("A*B", separators=Separators("|", "^", "\n", ""))

        written = write_interchange(made)

        assert b"\nN1|8R|A*B\n" in written
        assert read_interchanges(written) == [made]


class TestBuildInterchange:
    def test_refuses_an_id_that_is_too_long(self) -> None:
        with pytest.raises(EdiError) as refused:
            interchange(sender="1234567890123456")

        assert (refused.value.fault.where, refused.value.fault.code) == ("ISA06", "isa_length")

    def test_refuses_separators_that_collide(self) -> None:
        with pytest.raises(EdiError, match="not three different marks"):
            interchange(separators=Separators("*", "*", "~"))


class TestBuildSet:
    def test_renews_the_trailer(self) -> None:
        made = build_set(
            segments=[["ST", "814", "x"], ["BGN", "13"], ["SE", "9", "x"]], control_number="0007"
        )

        assert made.segments == [["ST", "814", "0007"], ["BGN", "13"], ["SE", "3", "0007"]]
        assert (made.code, made.control_number) == ("814", "0007")

    def test_refuses_what_does_not_begin_with_st(self) -> None:
        with pytest.raises(EdiError, match="begins with ST"):
            build_set(segments=[["BGN", "13"]], control_number="0001")
