"""How a set says which kind it is."""

from __future__ import annotations

import pytest

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.reading import identify, read_transaction
from tests.unit.market.edi.texas_set.written_texts import as_set, load, segments_of


def kind_of(text: str) -> str:
    return identify(as_set(segments_of(text)))


class TestIdentify:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("ST*814*1~BGN*13*A*20250101*****1~", "814_01"),
            ("ST*814*1~BGN*13*A*20250101*****01~", "814_01"),
            ("ST*814*1~BGN*13*A*20250101****IA*16~", "814_16"),
            ("ST*814*1~BGN*13*A*20250101****24~", "814_24"),
            ("ST*814*1~BGN*13*A*20250101****05~", "814_05"),
            ("ST*814*1~BGN*13*A*20250101*****PD~", "814_PD"),
            ("ST*814*1~BGN*13*A*20250101****09*28~", "814_28"),
            ("ST*814*1~BGN*13*A*20250101****PT~", "814_28"),
            ("ST*814*1~BGN*13*A*20250101****09~REF*G7*T019~", "814_28"),
            ("ST*814*1~BGN*11*A*20250101****09~", "814_09"),
            ("ST*650*1~BGN*13*A*20250101****79*IT~", "650_01"),
            ("ST*650*1~BGN*13*A*20250101****79*C~", "650_01"),
            ("ST*650*1~BGN*11*A*20250101****72*51~REF*8X*DC001~", "650_02"),
            ("ST*650*1~BGN*11*A*20250101****72*U~REF*8X*DC001~", "650_02"),
            ("ST*650*1~BGN*13*A*20250101*****R8~", "650_04"),
            ("ST*650*1~BGN*13*A*20250101****79~REF*5H*RC001~", "650_04"),
            ("ST*650*1~BGN*11*A*20250101*****U~REF*7G*A13~", "650_05"),
            ("ST*867*1~BPT*52*A*20250101~", "867_02"),
            ("ST*867*1~BPT*00*A*20250101*DD~PTD*SU~", "867_03"),
            ("ST*867*1~BPT*05*A*20250101*DD~", "867_03"),
            ("ST*867*1~BPT*SU*A*20250101~PTD*BJ***MG*1~", "867_04"),
            ("ST*867*1~BPT*00*A*20250101~PTD*BJ***MG*1~", "867_04"),
            ("ST*810*1~BIG*20250101*A~", "810_02"),
            ("ST*820*1~BPR*I*1~", "820_02"),
            ("ST*824*1~BGN*11*A*20250101~", "824"),
            ("ST*997*1~AK1*GE*1~", "997"),
        ],
    )
    def test_goes_by_the_rules(self, text: str, kind: str) -> None:
        assert kind_of(text) == kind

    @pytest.mark.parametrize(
        ("text", "element", "expected", "found"),
        [
            ("ST*814*1~BGN*13*A*20250101*****16~LIN*1*SH*EL*SH*CE*SH*MVO~", 7, "MVI", "MVO"),
            ("ST*814*1~BGN*13*A*20250101*****1~LIN*1*SH*EL*SH*CE*SH*HU*SH*MVI~", 9, "SW", "MVI"),
            ("ST*814*1~BGN*11*A*20250101*****5~LIN*1*SH*EL*SH*MVO~", 5, "SW or MVI", "MVO"),
        ],
    )
    def test_refuses_a_kind_that_the_line_contradicts(
        self, text: str, element: int, expected: str, found: str
    ) -> None:
        with pytest.raises(EdiError) as caught:
            kind_of(text)

        fault = caught.value.fault
        assert (fault.code, fault.tag, fault.segment) == ("kind_conflict", "LIN", 3)
        assert (fault.element, fault.expected, fault.found) == (element, expected, found)

    @pytest.mark.parametrize(
        "text", ["ST*814*1~BGN*13*A*20250101*****3~", "ST*814*1~", "ST*650*1~"]
    )
    def test_refuses_what_no_rule_tells(self, text: str) -> None:
        with pytest.raises(EdiError, match="no rule tells which kind of"):
            kind_of(text)

    def test_refuses_a_set_that_is_not_used(self) -> None:
        with pytest.raises(EdiError) as caught:
            kind_of("ST*850*1~BEG*00~")

        assert caught.value.fault == Fault(
            code="kind_unknown",
            message="transaction set 850 is none that is used here",
            tag="ST",
            segment=1,
            element=1,
            rule="identify.yaml",
            expected="a kind of identify.yaml",
            found="850",
        )

    def test_leaves_reading_a_997_to_the_envelope_layer(self) -> None:
        with pytest.raises(EdiError, match="a 997 is no transaction with a guide table"):
            read_transaction(as_set(segments_of("ST*997*1~AK1*GE*1~")))

    def test_sees_the_kind_in_every_written_text(self) -> None:
        assert identify(as_set(load("814_PC"))) == "814_PC"
        assert identify(as_set(load("650_04"))) == "650_04"
        assert identify(as_set(load("constructed_820_02"))) == "820_02"
