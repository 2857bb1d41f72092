from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from decimal import Decimal
from itertools import islice

import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.lint.explaining import explain_file
from ossrep.market.edi.lint.model import DocumentReport, FileReport, Grid, Line, RawLine
from ossrep.market.edi.lint.problems import advice_for
from ossrep.market.edi.lint.reading import scalar_text, shown, sparkline
from ossrep.market.edi.x12.acknowledgment_codes import acknowledgment_codes
from ossrep.market.edi.x12.reading import read_interchanges
from tests.factories.malformed_edi import GOOD_FILE, malformed_files
from tests.unit.market.edi.x12.files import GE, GS, IEA, ISA, edi

TODAY = dt.date(2026, 3, 1)


def explain(data: bytes, *, documents_max: int = 20) -> FileReport:
    return explain_file(data, as_of=TODAY, documents_max=documents_max)


def documents(report: FileReport) -> list[DocumentReport]:
    return [d for e in report.envelopes for g in e.groups for d in g.documents]


def lines(document: DocumentReport) -> dict[str, str]:
    return {each.label: each.value for each in document.reading if isinstance(each, Line)}


class TestExplainFile:
    def test_tells_of_a_set_in_a_group_of_another_kind(self) -> None:
        data = GOOD_FILE.replace(b"GS*PT*", b"GS*IN*")

        [problem] = documents(explain(data))[2].problems

        assert (problem.code, problem.expected, problem.found) == (
            "set_of_other_group",
            "GS01 PT",
            "IN",
        )
        assert problem.advice.startswith("GS01 is of another kind of message.")

    def test_says_what_a_good_file_is(self) -> None:
        report = explain(GOOD_FILE)

        assert report.summary == "X12: 1 interchange, 2 groups, 3 transaction sets."
        assert report.counts == (
            ("814_02", "Switch reject response", 1),
            ("814_20", "ESI ID maintenance request", 1),
            ("867_03", "Monthly usage", 1),
        )
        assert (report.problem_count, report.note_count, report.left_out) == (0, 0, 0)
        [envelope] = report.envelopes
        assert envelope.title == "Interchange 000000501"
        assert envelope.answer == "A: accepted; no TA1 asked"
        assert {fact.label: fact.value for fact in envelope.facts} == {
            "from": "183529049 (qualifier 01)",
            "to": "999999999 (qualifier 01)",
            "sent": "2026-02-19 (Thu) 03:12",
            "for": "test (never posted in production)",
            "separators": "*  >  ~   line ends: none",
        }
        assert [group.answer for group in envelope.groups] == [
            "A: accepted (2 of 2 sets)",
            "A: accepted (1 of 1 sets)",
        ]

    def test_reads_out_a_transaction_with_the_meanings_of_its_codes(self) -> None:
        reject, _, usage = documents(explain(GOOD_FILE))

        assert lines(reject) == {
            "reference": "ERCOT20260219A0001",
            "original reference": "CR20260218A0001",
            "date": "2026-02-19 (Thu)",
            "ESI ID": "10443720000000001",
            "TDSP": "SAMPLE TDSP (1039940674000)",
            "retailer": "SAMPLE REP (999999999)",
            "ERCOT": "ERCOT (183529049)",
            "service": "SW (switch)",
            "action": "U (rejected)",
            "change": "021 (add)",
            "reject": "A76 — ESI ID invalid or not found — “INVALID ESI ID”",
            "what to do": "Correct what is named and send a new order.",
        }
        assert lines(usage)["kind"] == "SU (usage of the ESI ID)"
        assert lines(usage)["reading"] == "qualifier QD (actual) · quantity 695 · unit KH (kWh)"

    def test_tells_each_problem_with_its_segment_and_what_to_do(self) -> None:
        report = explain(GOOD_FILE.replace(b"SE*10*0001", b"SE*11*0001"))

        document = documents(report)[0]
        [problem] = document.problems
        assert (problem.code, problem.line) == ("set_count", "SE*11*0001")
        assert problem.where == "SE01, segment 10, byte 408"
        assert (problem.expected, problem.found) == ("10", "11")
        assert problem.advice.endswith("The 997 rejects the set (AK502 4).")
        assert document.state == "faulty"
        assert report.envelopes[0].groups[0].answer == (
            "P: partly accepted, at least one transaction set was rejected (1 of 2 sets)"
        )

    def test_shows_a_set_of_an_unknown_kind_as_it_is(self) -> None:
        sets = ("ST*999*0001", "XYZ*1", "SE*3*0001")

        [document] = documents(explain(edi(ISA, GS, *sets, GE, IEA)))

        assert (document.kind, document.title, document.state) == ("999", "", "unread")
        assert document.raw == (
            RawLine(1, "ST*999*0001", is_marked=True),
            RawLine(2, "XYZ*1"),
            RawLine(3, "SE*3*0001"),
        )
        assert document.reading == ()

    def test_shows_a_content_fault_at_its_segment(self) -> None:
        report = explain(GOOD_FILE.replace(b"DTM*150*20260119~", b"DTM*150*20269919~"))

        [problem] = documents(report)[2].problems
        assert (problem.line, problem.found) == ("DTM*150*20269919", "20269919")
        assert documents(report)[2].raw[7] == RawLine(8, "DTM*150*20269919", is_marked=True)

    def test_shows_of_a_long_set_its_head_and_what_is_around_a_problem(self) -> None:
        body = ["REF*XX*1"] * 96
        body[49] = "ref*XX"
        sets = ("ST*999*0001", *body, "SE*98*0001")

        [document] = documents(explain(edi(ISA, GS, *sets, GE, IEA)))

        assert [line.number for line in document.raw] == [*range(1, 13), 0, *range(47, 56), 0]
        assert [line.text for line in document.raw if line.is_marked] == ["ST*999*0001", "ref*XX"]
        assert document.raw[12].text == "… 34 more"

    def test_reads_out_a_997_and_a_ta1(self) -> None:
        sets = ("ST*997*0001", "AK1*GE*7", "AK2*814*0001", "AK3*REF*4**8", "AK4*2**7*XX")
        sets += ("AK5*R*5", "AK9*R*1*1*0", "SE*8*0001")
        ta1 = "TA1*000000017*260219*0300*E*022"

        report = explain(edi(ISA, ta1, GS.replace("*GE*", "*FA*"), *sets, GE, IEA))

        [document] = documents(report)
        assert document.reading == (
            Line("answers group", "7 (GE)"),
            Line("result", "R: rejected; 0 of 1 sets accepted, 1 announced"),
            Line("set 0001 (814)", "R: rejected"),
            Line("because", "5: segments in error", 1),
            Line("segment 4 REF", "8: the segment has errors in its elements", 1),
            Line("element 2", "7: invalid code, “XX”", 2),
        )
        assert report.envelopes[0].facts[-1].value == (
            "interchange 000000017: E accepted, errors noted; it must not be sent again"
            ", 022 invalid control structure"
        )
        assert report.envelopes[0].groups[0].answer.startswith("none: a group of acknowl")

    def test_leaves_out_good_documents_beyond_the_limit_and_none_with_problems(self) -> None:
        report = explain(GOOD_FILE.replace(b"SE*13*0002", b"SE*99*0002"), documents_max=1)

        assert [d.kind for d in documents(report)] == ["814_02", "814_20"]
        assert (report.left_out, report.problem_count) == (1, 1)
        assert sum(count for _, _, count in report.counts) == 3

    def test_explains_a_flattened_file(self) -> None:
        report = explain(b"SH|867_03|x\n")

        assert report.summary.startswith("A provider's flattened file (prism)")

    @pytest.mark.parametrize(
        ("data", "guess"),
        [
            (b"%PDF-1.7\n", "a PDF"),
            (b"-----BEGIN PGP MESSAGE-----", "a PGP message that is still to be decrypted"),
            (b"PK\x03\x04", "a ZIP archive"),
            (b"<html>", "XML or HTML"),
        ],
    )
    def test_guesses_what_a_strange_file_is(self, data: bytes, guess: str) -> None:
        report = explain(data)

        assert report.summary == f"No file of the market: it looks like {guess}."
        assert [problem.code for problem in report.problems] == ["no_interchange"]

    @pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.long)])
    def test_never_raises_and_tells_every_fault_of_the_reader(self, step: int) -> None:
        for file in islice(malformed_files(), 0, None, step):
            report = explain(file.data)

            assert report.problem_count >= _faults_of_reader(file.data), file
            assert json.dumps(asdict(report))

    def test_reads_charges_as_a_grid_that_says_once_what_all_share(self) -> None:
        invoice = (
            "ST*810*0001",
            "BIG*20260219*INV1***USE1**ME*00",
            "REF*Q5**10443720000000001",
            "N1*8S*SAMPLE TDSP*9*1039940674000",
            "N1*SJ*SAMPLE REP*1*999999999",
            "ITD******20260326",
            "IT1*1*****SV*ELECTRIC*C3*RATE",
            "DTM*150*20260119",
            "DTM*151*20260218",
            "SLN*1**A",
            "SAC*C**EU*BAS003*3082***30.82*EA*1*****METERING CHARGE",
            "SAC*C**EU*BAS001*925***9.25*EA*1*****CUSTOMER CHARGE",
            "SAC*C**EU*XYZ999*100***1.00*EA*1*****STRANGE",
            "TDS*4107",
            "CTT*1",
            "SE*16*0001",
        )

        [document] = documents(explain(edi(ISA, GS.replace("*GE*", "*IN*"), *invoice, GE, IEA)))

        [grid] = [each for each in document.reading if isinstance(each, Grid)]
        assert (
            grid.title
            == "charges (all: indicator C (charge), agency EU, unit EA (each), quantity 1)"
        )
        assert grid.columns == ("code", "amount", "rate", "text")
        assert grid.rows == (
            ("BAS003 (Metering Charge)", "30.82", "30.82", ""),
            ("BAS001 (Customer Charge)", "9.25", "9.25", ""),
            ("XYZ999", "1.00", "1.00", "STRANGE"),
        )
        assert [(p.code, p.found, p.is_note) for p in document.problems] == [
            ("charge_unmapped", "XYZ999", True)
        ]


class TestScalarText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, ""),
            (True, "yes"),
            (dt.date(2026, 3, 8), "2026-03-08 (Sun)"),
            (Decimal("1234.50"), "1,234.50"),
            ("JOS\xc3\x89", "JOSÉ"),
            ("JOS\xc9", "JOSÉ"),
            (("a", "b"), "a, b"),
        ],
    )
    def test_says_it_for_a_person(self, value: object, text: str) -> None:
        assert scalar_text(value) == text


class TestSparkline:
    def test_draws_low_and_high(self) -> None:
        assert sparkline([0, 50, 100]) == "▁▄█"
        assert sparkline([7, 7]) == "▁▁"


class TestShown:
    def test_keeps_what_is_no_utf_8(self) -> None:
        assert shown("\xff") == "\xff"


class TestAdvice:
    def test_stands_for_every_fault_that_has_an_answer(self) -> None:
        table = acknowledgment_codes()
        codes = {*table.interchange, *table.group, *table.set} - {"more_faults"}

        default = advice_for("anything else")

        assert {c for c in codes if advice_for(c) == default} <= {
            "isa_date",
            "isa_time",
            "isa_standard",
            "isa_version",
            "isa_acknowledgment",
            "group_header",
            "group_functional_id",
            "group_control_number",
            "group_date",
            "group_time",
            "group_too_large",
            "set_unsupported",
        }


def _faults_of_reader(data: bytes) -> int:
    try:
        interchanges = read_interchanges(data)
    except EdiError:
        return 1
    return sum(
        len(i.faults) + sum(len(g.faults) + sum(len(s.faults) for s in g.sets) for g in i.groups)
        for i in interchanges
    )
