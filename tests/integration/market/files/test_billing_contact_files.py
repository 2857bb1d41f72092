"""The monthly billing contact file and ERCOT's answers to it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.infra import services
from ossrep.kernel.identifiers import BrandId, EsiId
from ossrep.market.models import CbciAnswer, CbciError, CbciFile, MarketIdentity, WorkItem
from ossrep.market.usecases.read_cbci_answer import AnswerRefused, read_cbci_answer
from ossrep.market.usecases.write_cbci import CbciRefused, write_cbci
from ossrep.published.customer import BillingContact, CustomerService
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account, an_address

pytestmark = pytest.mark.django_db(databases="__all__")

FIXTURES = Path(__file__).parents[3] / "fixtures/market/files"
NOW = dt.datetime(2026, 3, 5, 15, 30, tzinfo=dt.UTC)
MARCH = dt.date(2026, 3, 1)


def _contact(number: int, *, brand_id: int = 1, phone: str = "2145550100") -> BillingContact:
    return BillingContact(
        esi_id=EsiId(f"1044372{number:010d}"),
        account_number=f"A{number}",
        brand_id=BrandId(brand_id),
        first_name="Pat",
        last_name="Sample",
        company_name="",
        contact_name="",
        care_of="",
        address=an_address(),
        phone=phone,
        email="",
    )


@pytest.fixture
def customers() -> Iterator[InMemoryCustomers]:
    """Two customers of brand 1 and one of brand 2, which has a DUNS of its own."""
    MarketIdentity.objects.create(
        duns="999999999", name="US", isa_id="999999999", gs_id="999999999", is_default=True
    )
    MarketIdentity.objects.create(
        duns="9999999990001", name="US TOO", isa_id="9999999990001", gs_id="2", brand_id=2
    )
    left = a_contract(contract_id=4, account_id=4, end_date=dt.date(2026, 3, 5))
    known = InMemoryCustomers(
        [*(an_account(account_id=n) for n in (1, 2, 3)), an_account(account_id=4, contracts=[left])]
    )
    known.billing_contacts = [
        _contact(2, phone="none"),
        _contact(1),
        _contact(3, brand_id=2),
        _contact(4),
    ]
    with services.standing_in(CustomerService, known):
        yield known


class TestWriteCbci:
    def test_writes_a_whole_file_for_each_duns(
        self, customers: InMemoryCustomers, tmp_path: Path
    ) -> None:
        first, second = write_cbci(month=MARCH, out=tmp_path, now=NOW)

        assert first.path.name == "999999999MTCRCustomerInformation20260305093000001.csv"
        assert (second.duns, second.records, second.incomplete) == ("9999999990001", 1, 0)
        tail = "100 MAIN ST||DALLAS|TX|75201|"
        assert first.path.read_bytes().decode() == (
            "HDR|MTCRCustomerInformation|2026030001|999999999\r\n"
            f"DET|1|999999999|10443720000000001|A1|PAT|SAMPLE||||{tail}|2145550100||||\r\n"
            f"DET|2|999999999|10443720000000002|A2|PAT|SAMPLE||||{tail}|||||\r\n"
            "SUM|2|0|0\r\n"
        )
        assert first.path.stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            [first.path.name, second.path.name]
        )

    def test_asks_for_what_a_record_lacks(
        self, customers: InMemoryCustomers, tmp_path: Path
    ) -> None:
        write_cbci(month=MARCH, out=tmp_path, now=NOW)
        write_cbci(month=MARCH, out=tmp_path, now=NOW)

        item = WorkItem.objects.get()
        assert (item.kind, item.esi_id) == ("cbci-incomplete", "10443720000000002")
        assert "- Primary Phone Number: mend the phone" in item.text
        assert list(
            CbciFile.objects.filter(duns="999999999")
            .order_by("counter")
            .values_list("report_id", "records", "incomplete")
        ) == [("2026030001", 2, 1), ("2026030002", 2, 1)]

    def test_refuses_another_month(self, customers: InMemoryCustomers, tmp_path: Path) -> None:
        with pytest.raises(CbciRefused, match="it is 2026-03: the file tells whom bills go to now"):
            write_cbci(month=dt.date(2026, 2, 1), out=tmp_path, now=NOW)

    def test_leaves_nothing_where_a_brand_has_no_duns(
        self, customers: InMemoryCustomers, tmp_path: Path
    ) -> None:
        MarketIdentity.objects.filter(brand_id=None).update(brand_id=1, is_default=False)
        MarketIdentity.objects.filter(brand_id=2).update(brand_id=3)

        with pytest.raises(CbciRefused, match="has no market identity with a DUNS number"):
            write_cbci(month=MARCH, out=tmp_path, now=NOW)

        assert list(tmp_path.iterdir()) == []
        assert CbciFile.objects.count() == 0

    def test_tells_by_command(self, customers: InMemoryCustomers, tmp_path: Path) -> None:
        out = StringIO()

        call_command(
            "market", "write-cbci", "--month", "2026-03", "--out", str(tmp_path),
            "--as-of", "2026-03-16T12:00", stdout=out,
        )  # fmt: skip

        assert out.getvalue().splitlines()[2] == (
            "9999999990001MTCRCustomerInformation20260316120000001.csv\t9999999990001\t2026030001"
            "\t1\t0\tafter the 15th"
        )


def _sent() -> None:
    CbciFile.objects.create(
        duns="999999999",
        month=MARCH,
        counter=1,
        report_id="202603050001",
        file_name="x.csv",
        sha256="0" * 64,
        records=8,
        incomplete=0,
        written_at=NOW,
    )


class TestReadCbciAnswer:
    def test_asks_for_each_esi_id_what_to_mend(self) -> None:
        _sent()

        form = read_cbci_answer(path=FIXTURES / "MTCRCustomerInformationERCOTResponse.csv", now=NOW)
        check = read_cbci_answer(path=FIXTURES / "MTCRDataValidationERCOTResponse.csv", now=NOW)

        assert (form.errors, form.esi_ids) == (2, 2)
        assert (form.doubts, check.doubts) == ([], [])
        assert list(
            CbciError.objects.order_by("pk").values_list("tag", "esi_id", "field_name")
        ) == [
            ("ER2", "10032789000000001", "Customer Last Name"),
            ("ER1", "10400510900000001", "Billing State"),
            ("ER3", "99999999999999999", "ESI ID Number"),
        ]
        item = WorkItem.objects.get(esi_id="10400510900000001")
        assert item.kind == "cbci-record-refused"
        assert item.text == (
            "- ER1 (the value is not valid): DET record 6, Billing State: Invalid Value. Mend the "
            "state of the account's mailing address: two letters.\n"
            "Then write and send the whole file again before the month ends."
        )
        assert WorkItem.objects.count() == 3

    def test_does_nothing_with_the_same_content(self, tmp_path: Path) -> None:
        _sent()
        path = FIXTURES / "MTCRDataValidationERCOTResponse.csv"
        read_cbci_answer(path=path, now=NOW)
        copy = Path(shutil.copy(path, tmp_path / "again.csv"))

        assert read_cbci_answer(path=copy, now=NOW).was_known
        assert (CbciAnswer.objects.count(), CbciError.objects.count()) == (1, 1)

    def test_keeps_what_it_cannot_read_and_tells_doubts(self, tmp_path: Path) -> None:
        path = tmp_path / "answer.csv"
        path.write_text(
            "HDR|MTCRDataValidationERCOTResponse|7|999999999\r\n"
            "ER3|1|1|DET|7|Odd Field|Odd Text\r\nER9|2\r\nSUM|8|5|3\r\n"
        )

        taken = read_cbci_answer(path=path, now=NOW)

        assert taken.refused_rows == [
            f"{path}:3: a record begins with HDR, ER1, ER2, ER3 or SUM, not 'ER9'"
        ]
        assert taken.doubts == [
            "no file of ours has the report ID 7 for 999999999",
            "the answer counts 3 records in error, it names 1",
            "1 rows of the answer cannot be read",
        ]
        told = WorkItem.objects.get(esi_id="1").text
        assert "Mend the field that the answer names (Odd Field)." in told
        assert WorkItem.objects.filter(kind="cbci-answer-unsure").count() == 1

    def test_refuses_a_file_without_header(self, tmp_path: Path) -> None:
        path = tmp_path / "answer.csv"
        path.write_text("SUM|8|5|3\r\n")

        with pytest.raises(AnswerRefused, match="has no header of an answer"):
            read_cbci_answer(path=path, now=NOW)
