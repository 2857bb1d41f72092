"""The guide engine on texts that differ from what its tables would write."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import cast

import pytest

from ossrep.market.edi.errors import EdiError, Fault
from ossrep.market.edi.texas_set.changes import DateChangeRequest, MoveOutRequest
from ossrep.market.edi.texas_set.enrollment import EnrollmentResponse, SwitchRequest
from ossrep.market.edi.texas_set.model import Contact, Moment, Party, Placed, Stray, Transaction
from ossrep.market.edi.texas_set.reading import read_transaction
from ossrep.market.edi.texas_set.registration import Meter, OfRegister, SpecialNeeds
from ossrep.market.edi.texas_set.service_orders import ServiceOrderResponse
from ossrep.market.edi.texas_set.writing import write_transaction
from ossrep.market.edi.x12.model import Segment, Separators, TransactionSet
from tests.unit.market.edi.texas_set.written_texts import EXPECTED, as_set, load, segments_of


def changed(name: str, old: str, new: str) -> list[Segment]:
    """A written text with one segment replaced by others, or none."""
    text = "~".join("*".join(segment) for segment in load(name))
    assert old in text
    return segments_of(text.replace(old, new))


def read(segments: list[Segment]) -> Transaction:
    return read_transaction(as_set(segments))


def fault_of(segments: list[Segment]) -> Fault:
    with pytest.raises(EdiError) as caught:
        read(segments)
    return caught.value.fault


class TestUnknownParts:
    def test_an_unknown_segment_is_kept_where_it_stood(self) -> None:
        segments = changed("814_24", "ASI*7*002", "ASI*7*002~REF*BLT*DUAL~MSG*KEY AT DOOR")
        segments[-1][1] = "16"

        found = read(segments)

        assert found.unknown == (
            Placed(10, ["REF", "BLT", "DUAL"]),
            Placed(10, ["MSG", "KEY AT DOOR"]),
        )
        assert replace(found, unknown=()) == EXPECTED["814_24"]
        assert write_transaction(found) == segments

    def test_an_unknown_element_is_kept_at_its_place(self) -> None:
        segments = changed("814_24", "*2276133*20130309*****24", "*2276133*20130309*0915****024")

        found = read(segments)

        assert found.strays == (Stray("BGN", 4, "0915"), Stray("BGN", 8, "024"))
        assert write_transaction(found) == segments

    def test_a_shorter_segment_stays_shorter(self) -> None:
        segments = changed("814_24", "N1*AY*ERCOT*1*183529049**40", "N1*AY*ERCOT*1*183529049")

        found = read(segments)

        assert found.strays == (Stray("N1*AY", 0, "4"),)
        assert write_transaction(found) == segments

    def test_trailing_empty_elements_stay(self) -> None:
        segments = changed("814_24", "ASI*7*002", "ASI*7*002**")

        assert write_transaction(read(segments)) == segments

    def test_an_unknown_party_takes_its_address_with_it(self) -> None:
        segments = changed(
            "814_25_accept", "LIN*1", "N1*8R*JANE~N3*1 MAIN ST~N4*DALLAS*TX*75001~LIN*1"
        )
        customer_first = changed(
            "814_24", "LIN*1", "N1*BT*SOMEBODY ELSE~N3*9 OTHER ST~N4*AUSTIN*TX*78701~LIN*1"
        )

        assert [each.segment[0] for each in read(segments).unknown] == ["N1", "N3", "N4"]
        found = cast(MoveOutRequest, read(customer_first))
        assert found.customer is not None
        assert found.customer.address1 == "300 ELM RD"
        assert [each.segment[0] for each in found.unknown] == ["N1", "N3", "N4"]

    def test_a_second_date_of_one_kind_is_kept(self) -> None:
        segments = changed("814_24", "DTM*376*20130312", "DTM*376*20130312~DTM*376*20130313")

        found = cast(MoveOutRequest, read(segments))

        assert found.requested_date == dt.date(2013, 3, 12)
        assert found.unknown == (Placed(12, ["DTM", "376", "20130313"]),)

    def test_an_unknown_code_is_kept(self) -> None:
        segments = changed("814_05", "ASI*WQ*021", "ASI*XX*999")

        found = cast(EnrollmentResponse, read(segments))

        assert (found.action, found.change, found.is_accepted) == ("XX", "999", False)

    def test_what_is_no_flag_is_kept(self) -> None:
        segments = changed("814_01", "REF*SU*N", "REF*SU*U*CCCT")

        found = cast(SwitchRequest, read(segments))

        assert found.special_needs == SpecialNeeds(is_needed=None, status="CCCT")
        assert found.strays == (Stray("REF*SU", 2, "U"),)
        assert write_transaction(found) == segments


class TestLoops:
    def test_each_meter_has_its_own_segments(self) -> None:
        segments = changed(
            "814_05",
            "REF*ZAM*AMSR",
            "REF*ZAM*AMSR~NM1*MQ*3******32*200000002LG~REF*MT*K1MON~REF*4P*40*K1MON~REF*JH*A*K1MON",
        )

        found = cast(EnrollmentResponse, read(segments))

        assert [each.number for each in found.meters] == ["100000001LG", "200000002LG"]
        assert found.meters[1] == Meter(
            number="200000002LG",
            meter_types=(OfRegister("K1MON"),),
            multipliers=(OfRegister("40", "K1MON"),),
            roles=(OfRegister("A", "K1MON"),),
        )

    def test_strays_of_a_meter_say_which(self) -> None:
        segments = changed(
            "814_05", "REF*ZAM*AMSR", "REF*ZAM*AMSR~NM1*MQ*3******92*2~REF*NH*B0*SMALL"
        )
        segments[-1][1] = "24"

        found = read(segments)

        assert found.strays == (
            Stray("NM1*MQ#2", 8, "92"),
            Stray("NM1*MQ#2/REF*NH", 3, "SMALL"),
        )
        assert write_transaction(found) == segments

    def test_contacts_go_by_their_qualifiers(self) -> None:
        segments = changed(
            "814_24",
            "PER*IC*SAMPLE CONTACT*TE*2815550100",
            "PER*IC*SAMPLE CONTACT*EM*A@B.EXAMPLE*TE*2815550100*HP*2815550199",
        )

        found = cast(MoveOutRequest, read(segments))

        assert cast(Contact, found.customer).email == "A@B.EXAMPLE"
        assert cast(Contact, found.customer).phone == "2815550100"
        assert write_transaction(found) == segments

    @pytest.mark.parametrize(
        "line", ["LIN*1*SH*EL*SH*CE*SH*HU*SH*SW", "LIN*1*SH*EL*SH*CE*SH*SW*SH*HU"]
    )
    def test_lines_say_what_is_asked_in_either_place(self, line: str) -> None:
        segments = changed("814_01", "LIN*1*SH*EL*SH*CE*SH*SW*SH*HU", line)

        found = cast(SwitchRequest, read(segments))

        assert (found.service, found.history) == ("SW", "HU")
        assert write_transaction(found) == segments


class TestMoments:
    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("20250124*0919", Moment(dt.date(2025, 1, 24), dt.time(9, 19))),
            ("20250124*091930", Moment(dt.date(2025, 1, 24), dt.time(9, 19, 30))),
            ("20250124*091900", Moment(dt.date(2025, 1, 24), dt.time(9, 19))),
            ("20250124*09193055", Moment(dt.date(2025, 1, 24), dt.time(9, 19, 30, 550_000))),
            ("20250124", Moment(dt.date(2025, 1, 24))),
            ("20250131*2400", Moment(dt.date(2025, 2, 1), dt.time(0))),
        ],
    )
    def test_are_date_and_time(self, text: str, moment: Moment) -> None:
        segments = changed("650_02_complete", "20250124*0919", text)

        found = cast(ServiceOrderResponse, read(segments))

        assert found.completed == moment
        assert write_transaction(found) == segments

    def test_of_a_counter_compare(self) -> None:
        found = cast(DateChangeRequest, EXPECTED["814_12"])

        assert found.counter == Moment(dt.date(2025, 1, 17), dt.time(10, 15))


class TestFaults:
    def test_a_missing_segment(self) -> None:
        assert fault_of(changed("814_01", "REF*Q5**10443720000000001~", "")) == Fault(
            code="segment_missing",
            message="REF*Q5 is missing",
            tag="REF",
            segment=1,
            rule="0.3, 2.5 [S55]; length 1.3 [S53] (sourced)",
            expected="REF*Q5",
        )

    def test_a_missing_element(self) -> None:
        assert fault_of(changed("814_01", "BGN*13*CR20250115A0001*", "BGN*13**")) == Fault(
            code="element_missing",
            message="reference is missing",
            tag="BGN",
            segment=2,
            element=2,
            rule="1.7 [RMG 7.4.3] (sourced)",
            expected="reference",
        )

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            ("20250230", "a date of the calendar as CCYYMMDD"),
            ("250115", "a date as CCYYMMDD"),
            ("2025-1-5", "a date as CCYYMMDD"),
        ],
    )
    def test_a_bad_date(self, date: str, expected: str) -> None:
        assert fault_of(changed("814_24", "DTM*376*20130312", f"DTM*376*{date}")) == Fault(
            code="element_value",
            message="requested_date is not readable",
            tag="DTM",
            segment=13,
            element=2,
            rule="2.6 [INF S56] (inferred)",
            expected=expected,
            found=date,
        )

    @pytest.mark.parametrize("time", ["2515", "9", "24000", "ABCD"])
    def test_a_bad_time(self, time: str) -> None:
        fault = fault_of(changed("650_02_complete", "20250124*0919", f"20250124*{time}"))

        assert (fault.code, fault.tag, fault.element) == ("element_value", "DTM", 2)

    def test_a_text_that_is_too_long(self) -> None:
        fault = fault_of(changed("814_01", "N4*DALLAS*TX*75001", "N4*DALLAS*TEXAS*75001"))

        assert (fault.code, fault.tag, fault.segment, fault.element) == (
            "element_too_long",
            "N4",
            8,
            2,
        )
        assert (fault.expected, fault.found) == ("at most 2 characters", "TEXAS")

    def test_an_esi_id_that_is_too_short(self) -> None:
        fault = fault_of(changed("814_01", "10443720000000001", "1044372"))

        assert (fault.code, fault.expected) == ("element_too_short", "at least 8 characters")

    def test_a_bad_amount(self) -> None:
        fault = fault_of(changed("constructed_820_02", "**220.90", "**2,20"))

        assert (fault.code, fault.tag, fault.element) == ("element_value", "RMR", 4)
        assert (fault.expected, fault.found) == ("a decimal number", "2,20")

    def test_the_byte_is_told_where_the_separators_are_known(self) -> None:
        segments = changed("814_24", "DTM*376*20130312", "DTM*376*X")
        raw = "".join("*".join(each) + "~\n" for each in segments).encode()
        found = TransactionSet("814", "0001", segments, 1000)

        with pytest.raises(EdiError) as caught:
            read_transaction(found, separators=Separators(line_end="\n"))

        assert caught.value.fault.position == 1000 + raw.index(b"DTM*376")
        assert str(caught.value) == (
            f"DTM02, segment 13, byte {1000 + raw.index(b'DTM*376')}: "
            "requested_date is not readable"
        )


class TestWritingFaults:
    @pytest.mark.parametrize(
        ("change", "code", "found"),
        [
            ({"reference": ""}, "element_missing", ""),
            ({"reference": "X" * 31}, "element_too_long", "X" * 31),
            ({"esi_id": "1"}, "element_too_short", "1"),
            ({"esi_id": ""}, "segment_missing", ""),
            ({"tdsp": Party("A*B", "957877905")}, "element_text", "A*B"),
            ({"line_id": "LINE\n1"}, "element_text", "LINE\n1"),
            ({"service": "MVI"}, "kind_conflict", "MVI"),
        ],
    )
    def test_are_the_same_as_readings(
        self, change: dict[str, object], code: str, found: str
    ) -> None:
        transaction = replace(EXPECTED["814_24"], **change)  # type: ignore[arg-type]

        with pytest.raises(EdiError) as caught:
            write_transaction(transaction)

        expected_code = "element_missing" if code == "segment_missing" else code
        assert (caught.value.fault.code, caught.value.fault.found) == (expected_code, found)

    def test_a_microsecond_cannot_be_said(self) -> None:
        moment = Moment(dt.date(2025, 1, 1), dt.time(1, 1, 1, 1))

        with pytest.raises(EdiError) as caught:
            write_transaction(replace(EXPECTED["814_12"], counter=moment))  # type: ignore[call-arg]

        assert caught.value.fault.expected == "a time in whole hundredths of a second"
        assert caught.value.fault.segment == 11
