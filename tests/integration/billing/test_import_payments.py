from __future__ import annotations

import contextlib
import datetime as dt
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.billing.models import Invoice, OutboxEvent, Payment, RefusedRow, Transfer
from ossrep.billing.queries.open_items import get_open_items
from ossrep.billing.queries.refused_rows import list_refused_rows
from ossrep.billing.service import BillingService
from ossrep.billing.usecases.import_payments import (
    PaymentsImported,
    import_payments,
    retry_payments,
)
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.refused_rows import (
    DiscardNeedsReason,
    UnknownRefusedRow,
    discard_refused,
)
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.infra.input_files import InputRefused
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.services import standing_in
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService
from tests.factories.billing_book import FIRST_READ, SECOND_READ, Book, a_book
from tests.fakes.customer import InMemoryCustomers, an_account
from tests.integration.billing.runs import run

pytestmark = pytest.mark.django_db(databases="__all__")

HEADER = "account,date,amount,reference\n"


@contextlib.contextmanager
def customers(*account_ids: int) -> Iterator[InMemoryCustomers]:
    known = InMemoryCustomers(an_account(account_id=n) for n in account_ids)
    with standing_in(CustomerService, known):
        yield known


def load(tmp_path: Path, rows: str, *, name: str = "pay.csv") -> PaymentsImported:
    (tmp_path / name).write_text(rows)
    (result,) = import_payments(paths=[tmp_path / name])
    assert_invariants(contexts=["billing"])
    return result


def balance(account_id: int) -> Decimal:
    ids = [AccountId(account_id)]
    return BillingService().get_balances(account_ids=ids)[AccountId(account_id)]


def refusals() -> list[tuple[int, str]]:
    rows = list_refused_rows(kind="payment", is_open=True, limit=100)
    return sorted((row.line, row.reason_code) for row in rows)


class TestImportPayments:
    def test_posts_rows_and_tells_of_them(self, tmp_path: Path) -> None:
        with customers(1, 2):
            result = load(
                tmp_path,
                HEADER + "000000001,2026-11-04,210.34,A-1\n000000002,2026-11-05,5,A-2\n",
            )

        assert (result.posted, result.posted_usd, result.known, result.refused) == (
            2,
            Decimal("215.34"),
            0,
            0,
        )
        assert (balance(1), balance(2)) == (Decimal("-210.34"), Decimal("-5.00"))
        transfer = Transfer.objects.get(account_id=1)
        assert (transfer.debit.kind, transfer.credit.kind) == ("cash", "receivable")
        assert transfer.effective_date == dt.date(2026, 11, 4)
        event = OutboxEvent.objects.get(aggregate_id="1")
        assert event.event_type == "billing.payment-posted.v1"
        assert event.payload == {
            "account_id": 1,
            "account_number": "000000001",
            "reference": "A-1",
            "received_date": "2026-11-04",
            "amount_usd": "210.34",
        }

    def test_does_nothing_with_the_same_rows_again(self, tmp_path: Path) -> None:
        rows = HEADER + "000000001,2026-11-04,10.00,A-1\n"
        with customers(1):
            load(tmp_path, rows)
            again = load(tmp_path, rows + "000000001,2026-11-04,10,A-1\n", name="other.csv")

        assert (again.posted, again.known, again.refused) == (0, 2, 0)
        assert Payment.objects.count() == Transfer.objects.count() == OutboxEvent.objects.count()

    @pytest.mark.parametrize(
        "row",
        [
            "000000001,2026-11-04,10.01,A-1",
            "000000001,2026-11-05,10.00,A-1",
            "000000002,2026-11-04,10.00,A-1",
        ],
    )
    def test_refuses_a_reference_with_other_content(self, tmp_path: Path, row: str) -> None:
        with customers(1, 2):
            load(tmp_path, HEADER + "000000001,2026-11-04,10.00,A-1\n")
            result = load(tmp_path, HEADER + row + "\n", name="other.csv")

        assert (result.posted, result.refused) == (0, 1)
        assert refusals() == [(2, "reference_reused")]
        assert balance(1) == Decimal("-10.00")

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("000000001,2026-11-04,10.001,X", "bad_amount"),
            ("000000001,2026-11-04,-10,X", "bad_amount"),
            ("000000001,2026-11-04,0,X", "bad_amount"),
            ("000000001,2026-11-04,NaN,X", "bad_amount"),
            ("000000001,2026-11-04,1e5,X", "bad_amount"),
            ("000000001,2026-11-04,$10,X", "bad_amount"),
            ('000000001,2026-11-04,"1,000.00",X', "bad_amount"),
            ("000000001,2026-11-04,9999999999,X", "bad_amount"),
            ("000000001,11/04/2026,10,X", "bad_date"),
            ("000000001,2026-02-30,10,X", "bad_date"),
            ("000000001,2026-11-04,10,", "no_reference"),
            (",2026-11-04,10,X", "no_account"),
            (f"000000001,2026-11-04,10,{'X' * 81}", "long_reference"),
            ("000000001,2026-11-04,10", "wrong_cell_count"),
            ("999999999,2026-11-04,10,X", "unknown_account"),
        ],
    )
    def test_keeps_a_bad_row_and_posts_the_good_ones(
        self, tmp_path: Path, row: str, reason: str
    ) -> None:
        good = "000000001,2026-11-04,1.00,GOOD"
        with customers(1):
            result = load(tmp_path, f"{HEADER}{row}\n\n{good}\n")

        assert (result.posted, result.refused) == (1, 1)
        assert refusals() == [(2, reason)]
        assert balance(1) == Decimal("-1.00")

    def test_takes_other_column_names_quotes_bom_crlf_and_gz(self, tmp_path: Path) -> None:
        text = '\ufeffreference,amount_usd,"received_date",account_number\r\n'
        text += '"R ""7""",12.5,2026-11-04,000000001\r\n'
        path = tmp_path / "pay.csv.gz"
        path.write_bytes(gzip.compress(text.encode()))

        with customers(1):
            (result,) = import_payments(paths=[path])

        assert (result.posted, result.error) == (1, "")
        assert Payment.objects.get().reference == 'R "7"'

    def test_refuses_a_file_with_another_header_and_goes_on_with_the_next(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "a.csv").write_text("esi_id,date\n1,2\n")
        (tmp_path / "b.csv").write_text(HEADER + "000000001,2026-11-04,1,X\n")

        with customers(1):
            first, second = import_payments(paths=[tmp_path])

        place = f"{tmp_path / 'a.csv'}:1"
        assert first.error == (f"{place}: the header must name account, date, amount and reference")
        assert (second.posted, second.error) == (1, "")

    def test_posts_in_batches_what_comes_before_a_broken_line(self, tmp_path: Path) -> None:
        rows = [f"000000001,2026-11-04,1,R-{n}" for n in range(1_001)]
        (tmp_path / "pay.csv").write_bytes(
            (HEADER + "\n".join(rows)).encode() + b"\n\xff\xfe,2026\n"
        )

        with customers(1):
            (result,) = import_payments(paths=[tmp_path / "pay.csv"])

        assert result.posted == 1_000
        assert result.error.startswith(f"{tmp_path / 'pay.csv'}:1003: is not UTF-8")

    def test_runs_as_a_command_that_names_broken_files(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "good.csv").write_text(HEADER + "000000001,2026-11-04,1,X\nx,y\n")
        (tmp_path / "bad.csv").write_text("x\n")

        with customers(1), pytest.raises(InputRefused, match="could not be read to their end"):
            call_command("bill", "import-payments", str(tmp_path))

        assert capsys.readouterr().out.splitlines()[1:] == [
            "bad.csv\t0\t0\t0\t0",
            "good.csv\t1\t1.00\t0\t1",
            "refused rows are in quarantine: manage.py bill quarantine list",
        ]


class TestQuarantine:
    ROW = "000000002,2026-11-04,10.00,LATE"

    def test_keeps_the_same_row_of_a_file_once(self, tmp_path: Path) -> None:
        with customers(1):
            for _ in range(2):
                load(tmp_path, f"{HEADER}{self.ROW}\n")

        assert RefusedRow.objects.count() == 1

    def test_retries_rows_whose_account_has_come(self, tmp_path: Path) -> None:
        with customers(1) as known:
            load(tmp_path, f"{HEADER}{self.ROW}\n000000003,2026-11-04,1,NEVER\n1,2\n")
            account = an_account(account_id=2)
            known.accounts[account.account_id] = account

            result = retry_payments(row_ids=None)

        assert (result.posted, result.refused) == (1, 2)
        assert refusals() == [(3, "unknown_account"), (4, "wrong_cell_count")]
        assert balance(2) == Decimal("-10.00")
        settled = RefusedRow.objects.get(line=2)
        assert (settled.settlement, settled.settled_at is None) == ("loaded", False)

    def test_settles_rows_that_a_second_import_of_the_file_takes(self, tmp_path: Path) -> None:
        with customers(1) as known:
            load(tmp_path, f"{HEADER}{self.ROW}\n")
            account = an_account(account_id=2)
            known.accounts[account.account_id] = account
            load(tmp_path, f"{HEADER}{self.ROW}\n")

        assert refusals() == []

    def test_puts_rows_away_with_a_reason(self, tmp_path: Path) -> None:
        with customers(1):
            load(tmp_path, f"{HEADER}{self.ROW}\n")
        row_id = RefusedRow.objects.get().pk

        with pytest.raises(DiscardNeedsReason):
            discard_refused(row_ids=[row_id], reason=" ")
        with pytest.raises(UnknownRefusedRow, match="99"):
            discard_refused(row_ids=[row_id, 99], reason="a test")
        assert refusals() == [(2, "unknown_account")]
        assert discard_refused(row_ids=[row_id], reason="paid elsewhere") == 1

        assert RefusedRow.objects.get().settlement == "discarded: paid elsewhere"
        with pytest.raises(UnknownRefusedRow):
            retry_payments(row_ids=[row_id])

    def test_lists_and_retries_as_a_command(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with customers(1):
            load(tmp_path, f"{HEADER}{self.ROW}\n")
            call_command("bill", "quarantine", "list")
            call_command("bill", "quarantine", "retry")

        lines = capsys.readouterr().out.splitlines()
        assert lines[1].split("\t")[1:5] == [
            "payment",
            "pay.csv:2",
            "unknown_account",
            "no account 000000002 is known",
        ]
        assert lines[3] == "quarantine\t0\t0\t0\t1"


def two_bills() -> tuple[Book, list[Invoice]]:
    book = a_book(accounts=1)
    run(book, RunOrder(as_of=FIRST_READ))
    run(book, RunOrder(as_of=SECOND_READ))
    return book, list(Invoice.objects.order_by("pk"))


def pay_by_file(book: Book, tmp_path: Path, amount: str, reference: str) -> None:
    with book.standing_in():
        load(tmp_path, f"{HEADER}000000001,2026-08-20,{amount},{reference}\n")


def open_amounts() -> tuple[list[tuple[str, int]], int]:
    found = get_open_items(account_id=AccountId(1))
    return [(item.owed.name, item.open_cents) for item in found.items], found.credit_cents


def charges_of(invoice: Invoice) -> int:
    return int((invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd) * 100)


class TestOpenItems:
    def test_a_payment_goes_to_the_oldest_balance_first(self, tmp_path: Path) -> None:
        book, (first, second) = two_bills()
        owed = [charges_of(first), charges_of(second)]

        pay_by_file(book, tmp_path, f"{(owed[0] + 500) / 100:.2f}", "P-1")

        assert open_amounts() == ([(first.number, 0), (second.number, owed[1] - 500)], 0)

    def test_what_is_left_of_a_payment_is_credit(self, tmp_path: Path) -> None:
        book, (first, second) = two_bills()
        owed = charges_of(first) + charges_of(second)

        pay_by_file(book, tmp_path, f"{(owed + 700) / 100:.2f}", "P-1")

        assert open_amounts() == ([(first.number, 0), (second.number, 0)], 700)
        assert balance(1) == Decimal("-7.00")

    def test_a_reversed_bill_gives_its_payment_to_the_other(self, tmp_path: Path) -> None:
        book, (first, second) = two_bills()
        pay_by_file(book, tmp_path, f"{charges_of(first) / 100:.2f}", "P-1")

        reverse_invoices(
            order=ReversalOrder(
                invoice_number=second.number,
                reason="wrong",
                effective_date=dt.date(2026, 8, 30),
            )
        )

        assert open_amounts() == ([(first.number, 0)], 0)
        assert balance(1) == Decimal("0.00")

    def test_shows_as_a_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        book, (first, _) = two_bills()
        with book.standing_in():
            call_command("bill", "open-items", "000000001")

        lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
        assert lines[1][0] == first.number
        assert lines[-1] == ["credit left", "", "", "", "0.00"]
