"""A customer's invoices, balance and payments over HTTP; nobody else's."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.db import connections
from django.test import Client

from ossrep.billing.models import Invoice, InvoiceLine
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import external
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import LoginRight
from tests.customer_scopes import a_login, a_scope, signed_in
from tests.factories.billing_book import FIRST_READ, SECOND_READ, Book, a_book
from tests.integration.billing.runs import run
from tests.integration.billing.test_import_payments import HEADER, load
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.django_db(databases="__all__")
TABLES = (
    "invoice",
    "invoice_line",
    "invoice_tax",
    "charge",
    "reversal",
    "payment",
    "transfer",
    "ledger_account",
    "ledger_balance",
)
TODAY = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def book() -> Iterator[Book]:
    """Two homes with two bills each, due on July 27 and August 24, on September 1."""
    found = a_book(accounts=2)
    run(found, RunOrder(as_of=FIRST_READ))
    run(found, RunOrder(as_of=SECOND_READ))
    with clock.standing_at(TODAY), found.standing_in():
        yield found


@pytest.fixture
def sign_in(book: Book, token_issuer: TokenIssuer) -> Callable[[], Client]:
    """Signs in by the clock as it stands."""
    login = a_login(book.customers.accounts[AccountId(1)])
    return lambda: signed_in(book.customers, token_issuer, subject="own", login=login)


@pytest.fixture
def own(sign_in: Callable[[], Client]) -> Client:
    return sign_in()


def bills_of(account_id: int) -> list[Invoice]:
    return list(Invoice.objects.filter(account_id=account_id).order_by("pk"))


def charges(invoice: Invoice) -> Decimal:
    return invoice.retailer_usd + invoice.delivery_usd + invoice.tax_usd


def pay(folder: Path, amount: Decimal, *, on: str = "2026-08-20", reference: str = "P-1") -> None:
    load(folder, f"{HEADER}000000001,{on},{amount},{reference}\n")


def listed(client: Client, query: str = "", account_id: int = 1) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/me/accounts/{account_id}/invoices{query}")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestInvoices:
    def test_have_the_portals_fields_and_ours(self, own: Client, tmp_path: Path) -> None:
        first, second = bills_of(1)
        pay(tmp_path, charges(first) + 5)

        newest, oldest = listed(own)

        assert newest == {
            "billId": second.pk,
            "accountId": 1,
            "accountNumber": "000000001",
            "amount": float(charges(second)),
            "dueDate": second.due_date.isoformat(),
            "status": "overdue",
            "billingPeriodStart": "2026-07-09",
            "billingPeriodEnd": "2026-08-06",
            "paidAmount": 5.0,
            "invoiceNumber": second.number,
            "issueDate": "2026-08-07",
            "chargesUsd": str(charges(second)),
            "previousBalanceUsd": str(charges(first)),
            "paymentsUsd": "0.00",
            "adjustmentsUsd": "0.00",
            "amountDueUsd": str(charges(first) + charges(second)),
            "openUsd": str(charges(second) - 5),
            "importKwh": str(Decimal(second.import_wh).scaleb(-3)),
            "exportKwh": "0.000",
            "isEstimated": False,
            "pdfUrl": f"http://testserver/api/v1/me/invoices/{second.pk}/pdf",
        }
        assert (oldest["status"], oldest["paidDate"], oldest["paidAmount"]) == (
            "paid",
            "2026-08-20",
            float(charges(first)),
        )

    def test_come_in_pieces_by_cursor(self, own: Client) -> None:
        first, second = bills_of(1)
        url = "/api/v1/me/accounts/1/invoices?size=1"

        head = own.get(url).json()
        tail = own.get(f"{url}&cursor={head['nextCursor']}").json()
        forged = own.get(f"{url}&cursor=x{head['nextCursor']}")

        assert [item["billId"] for item in head["items"] + tail["items"]] == [second.pk, first.pk]
        assert tail["nextCursor"] is None
        assert forged.status_code == 400

    def test_are_filtered(self, own: Client, tmp_path: Path) -> None:
        first, second = bills_of(1)
        pay(tmp_path, charges(first))
        expected = {
            "?status=paid": [first.pk],
            "?status=overdue": [second.pk],
            "?status=unpaid": [],
            "?status=pending": [],
            "?status=reversed": [],
            "?from=2026-08-01": [second.pk],
            "?to=2026-08-07": [first.pk],
        }

        found = {query: [bill["billId"] for bill in listed(own, query)] for query in expected}

        assert found == expected

    def test_are_unpaid_until_they_are_due_and_pending_before_their_date(
        self, sign_in: Callable[[], Client]
    ) -> None:
        with clock.standing_at(dt.datetime(2026, 8, 10, 12, tzinfo=dt.UTC)):
            unpaid = [bill["status"] for bill in listed(sign_in())]
        with clock.standing_at(dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)):
            pending = [bill["status"] for bill in listed(sign_in())]

        assert (unpaid[0], pending[0]) == ("unpaid", "pending")

    def test_are_not_shown_when_reversed_unless_asked_for(self, own: Client) -> None:
        first, second = bills_of(1)
        order = ReversalOrder(
            invoice_number=second.number, reason="wrong", effective_date=dt.date(2026, 8, 30)
        )
        reverse_invoices(order=order)

        (reversed_bill,) = listed(own, "?status=reversed")

        assert [bill["billId"] for bill in listed(own)] == [first.pk]
        assert (reversed_bill["status"], reversed_bill["reversedOn"]) == ("reversed", "2026-08-30")
        assert reversed_bill["openUsd"] == "0.00"
        assert "paidDate" not in reversed_bill

    def test_say_what_is_wrong_with_a_filter(self, own: Client) -> None:
        answer = own.get("/api/v1/me/accounts/1/invoices?status=lost&from=soon")

        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert (answer.status_code, sorted(pointers)) == (400, ["/from", "/status"])

    def test_take_as_many_queries_for_many_as_for_one(
        self, own: Client, django_assert_num_queries: Any
    ) -> None:
        listed(own)

        for size in (1, 200):
            with django_assert_num_queries(7, using="billing"):
                listed(own, f"?size={size}")


class TestInvoice:
    def test_explains_each_line(self, own: Client) -> None:
        (first, _) = bills_of(1)
        lines = InvoiceLine.objects.filter(invoice_id=first.pk).count()

        found = own.get(f"/api/v1/me/invoices/{first.pk}").json()

        (site,) = found["sites"]
        assert len(site["lines"]) == lines
        base = next(line for line in site["lines"] if line["label"] == "Base charge")
        assert base == {
            "section": "retailer",
            "label": "Base charge",
            "quantity": "1",
            "unit": "month",
            "rateUsd": "9.95",
            "amountUsd": "9.95",
            "explanation": "1 month x $9.95 = $9.95; share 1 of 30 days (days_over_30_capped)",
        }
        amounts = [Decimal(line["amountUsd"]) for line in site["lines"]]
        taxes = [Decimal(tax["amountUsd"]) for tax in found["taxes"]]
        assert sum(amounts) + sum(taxes) == Decimal(found["chargesUsd"]) == charges(first)
        assert site["serviceAddress"] == ["100 Main St", "Dallas, TX 75201"]

    def test_is_not_sent_again_to_who_has_it(self, own: Client, tmp_path: Path) -> None:
        (first, _) = bills_of(1)
        url = f"/api/v1/me/invoices/{first.pk}"
        tag = own.get(url)["ETag"]

        again = own.get(url, headers={"If-None-Match": tag})
        pay(tmp_path, charges(first))
        paid = own.get(url, headers={"If-None-Match": tag})

        assert (again.status_code, again.content, paid.status_code) == (304, b"", 200)

    def test_is_a_pdf_that_nobody_else_keeps(self, own: Client) -> None:
        (first, _) = bills_of(1)

        answer = own.get(f"/api/v1/me/invoices/{first.pk}/pdf")

        text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        assert first.number in text
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Disposition"] == f'attachment; filename="invoice-{first.number}.pdf"'
        known = own.get(
            f"/api/v1/me/invoices/{first.pk}/pdf", headers={"If-None-Match": answer["ETag"]}
        )
        assert known.status_code == 304


class TestMoney:
    def test_balance_is_what_is_open_less_credit(self, own: Client, tmp_path: Path) -> None:
        first, second = bills_of(1)
        pay(tmp_path, charges(first) + charges(second) + 7)

        assert own.get("/api/v1/me/accounts/1/balance").json() == {
            "accountId": 1,
            "asOf": "2026-09-01",
            "balanceUsd": "-7.00",
            "openUsd": "0.00",
            "overdueUsd": "0.00",
            "creditUsd": "7.00",
        }

    def test_balance_tells_what_is_overdue_and_what_is_due_next(
        self, sign_in: Callable[[], Client]
    ) -> None:
        first, second = bills_of(1)
        with clock.standing_at(dt.datetime(2026, 8, 10, 12, tzinfo=dt.UTC)):
            found = sign_in().get("/api/v1/me/accounts/1/balance").json()

        assert found["openUsd"] == str(charges(first) + charges(second))
        assert found["overdueUsd"] == str(charges(first))
        assert found["nextDueDate"] == second.due_date.isoformat()

    def test_payments_come_newest_first(self, own: Client, tmp_path: Path) -> None:
        pay(tmp_path, Decimal("10.00"), on="2026-08-20", reference="P-1")
        pay(tmp_path, Decimal("20.00"), on="2026-08-25", reference="P-2")

        found = own.get("/api/v1/me/accounts/1/payments").json()["items"]
        narrowed = own.get("/api/v1/me/accounts/1/payments?to=2026-08-25").json()["items"]

        assert [(row["reference"], row["amountUsd"]) for row in found] == [
            ("P-2", "20.00"),
            ("P-1", "10.00"),
        ]
        assert [row["receivedDate"] for row in narrowed] == ["2026-08-20"]


class TestForeignMoney:
    def test_is_answered_as_absent(self, own: Client) -> None:
        foreign = bills_of(2)[0].pk
        for call, other in (
            ("accounts/{}/invoices", 2),
            ("accounts/{}/balance", 2),
            ("accounts/{}/payments", 2),
            ("invoices/{}", foreign),
            ("invoices/{}/pdf", foreign),
        ):
            answers = [
                own.get("/api/v1/me/" + call.format(number)) for number in (other, 987654, 10**30)
            ]

            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1

    def test_needs_a_token_and_the_right_to_look(
        self, book: Book, token_issuer: TokenIssuer
    ) -> None:
        login = a_login(book.customers.accounts[AccountId(1)], rights=[LoginRight.PAY])
        payer = signed_in(book.customers, token_issuer, subject="payer", login=login)

        assert Client().get("/api/v1/me/accounts/1/balance").status_code == 401
        assert payer.get("/api/v1/me/accounts/1/balance").json()["code"] == "right_missing"


def rows_seen(scope: CustomerScope) -> dict[str, int]:
    """What a query without any filter of its own would get."""
    with external("billing", scope=scope), connections["billing"].cursor() as cursor:
        return {table: _count(cursor, table) for table in TABLES}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    found: int = cursor.fetchone()[0]
    return found


class TestSecondLock:
    def test_shows_own_rows_and_no_others(self, book: Book, tmp_path: Path) -> None:
        pay(tmp_path, Decimal("10.00"))
        accounts = book.customers.accounts

        first, second = (rows_seen(a_scope(accounts[AccountId(n)])) for n in (1, 2))
        nobody = rows_seen(a_scope())

        assert set(nobody.values()) == {0}
        assert (first["invoice"], first["charge"], first["ledger_account"]) == (2, 2, 1)
        assert (first["payment"], second["payment"]) == (1, 0)
        with connections["billing"].cursor() as cursor:
            for table in ("invoice", "invoice_line", "invoice_tax", "transfer"):
                assert first[table] + second[table] == _count(cursor, table)

    def test_is_what_keeps_them(self, book: Book) -> None:
        with connections["billing"].cursor() as cursor:
            everything = {table: _count(cursor, table) for table in TABLES}
            cursor.execute("SET LOCAL ROLE billing_owner")
            for table in TABLES:
                cursor.execute(f"ALTER POLICY external_reads ON {table} USING (true)")
            cursor.execute("SET LOCAL ROLE billing")

        assert rows_seen(a_scope()) == everything
