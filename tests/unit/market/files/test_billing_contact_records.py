"""Records of the customer billing contact file."""

from __future__ import annotations

import dataclasses

import pytest

from ossrep.kernel.identifiers import BrandId, EsiId
from ossrep.market.domain.cbci import (
    AnswerHeader,
    AnswerRecordRefused,
    AnswerSummary,
    RecordError,
    detail,
    parse_answer_record,
)
from ossrep.published.customer import Address, BillingContact

PAT = BillingContact(
    esi_id=EsiId("10443720000000001"),
    account_number="A0000001",
    brand_id=BrandId(1),
    first_name="Pat",
    last_name="Sample",
    company_name="",
    contact_name="",
    care_of="",
    address=Address("7 Sample Oak St", "", "Dallas", "TX", "75201"),
    phone="(214) 555-0100",
    email="PAT.SAMPLE@EXAMPLE.COM",
)


class TestDetail:
    def test_writes_a_person_as_the_sample_has_it(self) -> None:
        record = detail(number=1, duns="999999999", contact=PAT)

        assert record.lacks == ()
        assert record.text == (
            "DET|1|999999999|10443720000000001|A0000001|PAT|SAMPLE||||7 SAMPLE OAK ST||DALLAS|TX|"
            "75201||2145550100||||PAT.SAMPLE@EXAMPLE.COM"
        )

    def test_writes_a_business_as_the_sample_has_it(self) -> None:
        bakery = dataclasses.replace(
            PAT,
            esi_id=EsiId("10443720000000002"),
            account_number="A0000002",
            company_name="Specimen Bakery LLC",
            contact_name="R Tester",
            care_of="Specimen | Accounting",
            address=Address("PO Box 9999", "Suite 10", "Fort Worth", "TX", "76102-0001"),
            phone="+1 817.555.0101 ext. 22",
            email="",
        )

        assert detail(number=2, duns="999999999", contact=bakery).text == (
            "DET|2|999999999|10443720000000002|A0000002|||SPECIMEN BAKERY LLC|R TESTER|"
            "SPECIMEN ACCOUNTING|PO BOX 9999|SUITE 10|FORT WORTH|TX|761020001||8175550101|22|||"
        )

    def test_names_what_is_lacking(self) -> None:
        bare = dataclasses.replace(PAT, last_name="", phone="555-0100", email="ä|@x")

        record = detail(number=1, duns="999999999", contact=bare)

        assert record.lacks == ("Primary Phone Number", "Customer Last Name")
        assert record.text.endswith("|PAT|||||7 SAMPLE OAK ST||DALLAS|TX|75201||||||")


class TestParseAnswerRecord:
    def test_reads_each_kind(self) -> None:
        assert parse_answer_record(
            "HDR|MTCRDataValidationERCOTResponse|202603050001|999999999"
        ) == AnswerHeader("MTCRDataValidationERCOTResponse", "202603050001", "999999999")
        assert parse_answer_record(
            "ER2|1|10032789000000001|DET|5|Customer Last Name|Missing Value"
        ) == RecordError(
            "ER2", 1, "10032789000000001", "DET", 5, "Customer Last Name", "Missing Value"
        )
        assert parse_answer_record("SUM|8|6|2") == AnswerSummary(8, 6, 2)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("DET|1", "a record begins with HDR, ER1, ER2, ER3 or SUM, not 'DET'"),
            ("SUM|8|6", "has 3 fields instead of 4"),
            ("SUM|8|6|x", "a number of up to 8 digits is wanted, not 'x'"),
            (
                "HDR|Else|1|999999999",
                "the report must be MTCRCustomerInformationERCOTResponse or "
                "MTCRDataValidationERCOTResponse",
            ),
            (
                "HDR|MTCRDataValidationERCOTResponse||999999999",
                "the header needs the original report ID and a DUNS number",
            ),
        ],
    )
    def test_refuses_others(self, line: str, told: str) -> None:
        with pytest.raises(AnswerRecordRefused) as caught:
            parse_answer_record(line)

        assert str(caught.value) == told
