"""The admin's pages of bills, the ledger and what waits: read, searched, decided."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ossrep.billing.models import (
    AccountHold,
    Charge,
    GuardThreshold,
    Invoice,
    LedgerAccount,
    OpeningAccount,
    OpeningSite,
    Payment,
    RefusedRow,
    Reversal,
    Transfer,
    WorkItem,
)
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import ReversalOrder, reverse_invoices
from ossrep.kernel.identifiers import AccountId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, START, Book, a_book
from tests.fakes.customer import a_contract, an_account
from tests.integration.billing.runs import pay, run

pytestmark = pytest.mark.django_db(databases="__all__")

MONEY = [
    "invoice",
    "charge",
    "reversal",
    "transfer",
    "ledgeraccount",
    "payment",
    "openingaccount",
    "billrun",
    "billrunitem",
    "outboxevent",
]


@pytest.fixture
def operator() -> Client:
    """Signed in as a superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("pat", password="x"))
    return client


@pytest.fixture
def book() -> Iterator[Book]:
    """Three homes, the third without usage; the others billed once."""
    book = a_book(accounts=2)
    rosa = book.customers.accounts[AccountId(2)]
    book.add(dataclasses.replace(rosa, bill_to_name="Rosa Reyes"))
    contract = a_contract(contract_id=3, account_id=3, start_date=START)
    book.add(an_account(account_id=3, contracts=[contract]))
    run(book, RunOrder(as_of=FIRST_READ))
    with book.standing_in():
        yield book


def in_role(role: str) -> Client:
    user = User.objects.create_user(f"user-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def page_of(record: Any) -> str:
    return reverse(f"admin:billing_{record._meta.model_name}_change", args=[record.pk])


def html(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def do(client: Client, model: str, action: str, records: list[Any], **form: str) -> str:
    answer = client.post(
        list_of(model, "?status=all" if model == "workitem" else ""),
        {"action": action, "_selected_action": [r.pk for r in records], **form},
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connections["billing"]) as found:
        html(client, url)
    return len(found)


def fill_the_rest() -> None:
    """One record of each kind that a run does not make."""
    invoice = Invoice.objects.order_by("pk")[0]
    reverse_invoices(
        order=ReversalOrder(
            invoice_number=invoice.number, reason="read wrongly", effective_date=FIRST_READ
        )
    )
    pay(account_id=2, amount="10.00", date=FIRST_READ)
    Payment.objects.create(
        account_id=2,
        account_number="000000002",
        reference="r-1",
        received_date=FIRST_READ,
        amount_usd="10.00",
    )
    opening = OpeningAccount.objects.create(
        account_id=2, account_number="000000002", as_of=START, balance_usd="0.00"
    )
    OpeningSite.objects.create(opening=opening, account_id=2, esi_id="10443720000000002")
    AccountHold.objects.create(account_id=2, account_number="000000002", reason="disputed")
    RefusedRow.objects.create(
        kind="payment",
        file_name="bank.csv",
        line=3,
        content={"account": "9"},
        content_sha256="x",
        reason_code="unknown_account",
        message="no such account",
    )


class TestEveryPage:
    def test_opens_list_search_and_record_of_all_contexts(
        self, operator: Client, book: Book
    ) -> None:
        fill_the_rest()
        for model in admin.site._registry:
            meta = model._meta
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            html(operator, url)
            if admin.site._registry[model].search_fields:
                html(operator, url + "?q=000000002")
                html(operator, url + "?q=Main+St")
            record = model._default_manager.first()
            if record is not None:
                page = f"admin:{meta.app_label}_{meta.model_name}_change"
                html(operator, reverse(page, args=[record.pk]))

    def test_opens_for_every_role_that_reads(self, book: Book) -> None:
        for role in ("csr", "billing"):
            client = in_role(role)
            for model in (*MONEY, "workitem", "accounthold", "taxplace"):
                html(client, list_of(model))

    def test_first_page_names_what_waits_and_the_records(
        self, operator: Client, book: Book
    ) -> None:
        fill_the_rest()

        page = html(operator, reverse("admin:index"))

        for words in ("Bill that waits", "Row in quarantine", "Plans and prices", "Meter data"):
            assert words in page
        assert "Inbox parkeds" not in page
        assert "Billing: parked events" in page


class TestMoneyTables:
    @pytest.mark.parametrize("model", MONEY)
    def test_cannot_be_added_changed_or_deleted(
        self, model: str, operator: Client, book: Book
    ) -> None:
        fill_the_rest()
        record = admin.site.get_model_admin(
            next(m for m in admin.site._registry if m._meta.label_lower == f"billing.{model}")
        ).model._default_manager.first()
        before = model_rows(record)

        assert operator.get(reverse(f"admin:billing_{model}_add")).status_code == 403
        assert operator.post(page_of(record), {"reason": "x"}).status_code == 403
        delete = reverse(f"admin:billing_{model}_delete", args=[record.pk])
        assert operator.post(delete, {"post": "yes"}).status_code == 403
        do(operator, model, "delete_selected", [record], post="yes")

        assert model_rows(record) == before


def model_rows(record: Any) -> list[Any]:
    return list(type(record)._default_manager.order_by("pk").values())


class TestLists:
    @pytest.mark.parametrize("model", [*MONEY, "workitem", "accounthold"])
    def test_ask_no_query_per_row(self, model: str, operator: Client) -> None:
        book = a_book(accounts=2)
        run(book, RunOrder(as_of=FIRST_READ))
        with book.standing_in():
            few = queries_of(operator, list_of(model))
        more = a_book(accounts=6)
        run(more, RunOrder(as_of=FIRST_READ))
        with more.standing_in():
            many = queries_of(operator, list_of(model))

        assert many == few


class TestInvoiceList:
    @pytest.mark.parametrize(
        "term", ["000000002", "Rosa Reyes", "10443720000000002", "dallas reyes"]
    )
    def test_finds_by_what_people_know(self, term: str, operator: Client, book: Book) -> None:
        found = Invoice.objects.get(account_id=2)
        other = Invoice.objects.get(account_id=1)

        page = html(operator, list_of("invoice", f"?q={term}"))

        assert found.number in page
        assert other.number not in page

    def test_finds_a_number_written_with_spaces(self, operator: Client, book: Book) -> None:
        found, other = Invoice.objects.order_by("pk")

        page = html(operator, list_of("invoice", f"?q={found.number[:3]} {found.number[3:]}"))

        assert page_of(found) in page
        assert page_of(other) not in page

    def test_finds_by_service_address_but_not_by_its_keys(
        self, operator: Client, book: Book
    ) -> None:
        number = Invoice.objects.order_by("pk")[0].number

        assert number in html(operator, list_of("invoice", "?q=100+Main+St"))
        assert number not in html(operator, list_of("invoice", "?q=zip_code"))

    def test_filters_by_run_and_state(self, operator: Client, book: Book) -> None:
        fill_the_rest()
        gone, kept = Invoice.objects.order_by("pk")

        page = html(operator, list_of("invoice", f"?run={kept.run_id}&state=issued"))

        assert kept.number in page
        assert gone.number not in page


class TestInvoicePage:
    def test_shows_lines_with_recipes_taxes_transfers_and_links(
        self, operator: Client, book: Book
    ) -> None:
        invoice = Invoice.objects.get(account_id=1)

        page = html(operator, page_of(invoice))

        for text in (
            f"Invoice {invoice.number}",
            "100 Main St, Dallas, TX 75201",
            "Energy, nights",
            "kWh x $0.05 = $",
            "quarter hours",
            "TDU Delivery Charges",
            "energy revenue",
            "/admin/customer/account/?q=000000001",
            "/admin/meter/intervalday/?q=10443720000000001&amp;date__gte=2026-06-09",
            f"/admin/billing/invoice/{invoice.pk}/pdf/",
            f"${invoice.amount_due_usd}",
        ):
            assert text in page

    def test_says_that_it_was_reversed_and_why(self, operator: Client, book: Book) -> None:
        fill_the_rest()
        invoice = Invoice.objects.get(pk=Reversal.objects.get().invoice_id)

        page = html(operator, page_of(invoice))

        assert "read wrongly" in page
        assert page.count("reversal</td>") == Transfer.objects.filter(kind=5).count()

    def test_opens_the_pdf(self, operator: Client, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)

        answer = operator.get(reverse("admin:billing_invoice_pdf", args=[invoice.pk]))

        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert f'filename="{invoice.number}.pdf"' in answer["Content-Disposition"]

    def test_keeps_the_pdf_from_those_who_may_not_look(self, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)
        client = Client()
        client.force_login(User.objects.create_user("nobody", is_staff=True))

        answer = client.get(reverse("admin:billing_invoice_pdf", args=[invoice.pk]))

        assert answer.status_code == 403

    def test_answers_to_an_unknown_pdf(self, operator: Client) -> None:
        assert operator.get(reverse("admin:billing_invoice_pdf", args=[7])).status_code == 404


class TestReversing:
    def test_asks_for_a_reason_first(self, operator: Client, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)

        page = do(operator, "invoice", "reverse", [invoice])
        refused = do(operator, "invoice", "reverse", [invoice], answered="yes", reason="")

        assert "Reverse invoices" in page
        assert "This field is required." in refused
        assert Reversal.objects.count() == 0

    def test_reverses_with_reason_date_and_name(self, operator: Client, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)

        page = do(
            operator,
            "invoice",
            "reverse",
            [invoice],
            answered="yes",
            reason="wrong meter",
            effective_date="2026-07-10",
        )

        reversal = Reversal.objects.get()
        assert f"Invoice {invoice.number} is reversed" in page
        assert (reversal.invoice_id, reversal.reason) == (invoice.pk, "wrong meter")
        assert (reversal.requested_by, reversal.effective_date) == ("pat", dt.date(2026, 7, 10))

    def test_tells_why_an_invoice_cannot_go(self, operator: Client, book: Book) -> None:
        run(book, RunOrder(as_of=SECOND_READ))
        first = Invoice.objects.filter(account_id=1).order_by("pk")[0]

        page = do(
            operator,
            "invoice",
            "reverse",
            [first],
            answered="yes",
            reason="x",
            effective_date="2026-08-10",
        )

        assert "later invoices build on it" in page
        assert Reversal.objects.count() == 0

    def test_reverses_a_whole_run(self, operator: Client, book: Book) -> None:
        bill_run = Invoice.objects.all()[0].run

        page = do(
            operator,
            "billrun",
            "reverse",
            [bill_run],
            answered="yes",
            reason="wrong prices",
            effective_date="2026-07-10",
        )

        assert "2 invoices reversed" in page
        assert Reversal.objects.count() == 2

    def test_is_not_for_those_who_only_read(self, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)

        do(
            in_role("csr"),
            "invoice",
            "reverse",
            [invoice],
            answered="yes",
            reason="x",
            effective_date="2026-07-10",
        )

        assert Reversal.objects.count() == 0


class TestWorkItems:
    def test_show_open_ones_with_account_and_reason(self, operator: Client, book: Book) -> None:
        page = html(operator, list_of("workitem"))

        assert "000000003" in page
        assert WorkItem.objects.get().reason_code.replace("_", " ") in page

    def test_dismiss_keeps_note_and_name(self, operator: Client, book: Book) -> None:
        item = WorkItem.objects.get()

        do(operator, "workitem", "dismiss", [item], answered="yes", reason="moved out")

        item.refresh_from_db()
        assert (item.status, item.note, item.decided_by) == ("dismissed", "moved out", "pat")

    def test_release_calls_the_use_case(self, operator: Client, book: Book) -> None:
        item = WorkItem.objects.get()
        WorkItem.objects.update(details={"releasable": True})

        do(operator, "workitem", "release", [item], answered="yes", reason="seen")

        item.refresh_from_db()
        assert (item.status, item.note) == ("released", "seen")

    def test_release_tells_why_it_refuses(self, operator: Client, book: Book) -> None:
        item = WorkItem.objects.get()
        WorkItem.objects.update(details={})

        page = do(operator, "workitem", "release", [item], answered="yes", reason="seen")

        item.refresh_from_db()
        assert "cannot be released" in page
        assert item.status == "open"

    def test_lead_to_the_forms_with_their_accounts(self, operator: Client, book: Book) -> None:
        item = WorkItem.objects.get()

        assert "000000003" in do(operator, "workitem", "hold", [item])
        assert "Bill accounts now" in do(operator, "workitem", "bill_now", [item])


class TestHolds:
    def test_are_placed_with_a_reason(self, operator: Client, book: Book) -> None:
        url = reverse("admin:billing_hold_accounts")

        operator.post(url, {"accounts": "000000001 000000002", "reason": "dispute"})

        held = AccountHold.objects.order_by("account_number")
        assert [(h.account_number, h.reason, h.placed_by) for h in held] == [
            ("000000001", "dispute", "pat"),
            ("000000002", "dispute", "pat"),
        ]

    def test_tell_of_an_unknown_account(self, operator: Client, book: Book) -> None:
        url = reverse("admin:billing_hold_accounts")

        page = operator.post(url, {"accounts": "999", "reason": "dispute"}).content.decode()

        assert "account 999: no such account" in page
        assert AccountHold.objects.count() == 0

    def test_are_lifted(self, operator: Client, book: Book) -> None:
        hold = AccountHold.objects.create(account_id=1, account_number="000000001", reason="x")

        do(operator, "accounthold", "lift", [hold])

        hold.refresh_from_db()
        assert hold.lifted_by == "pat"

    def test_are_not_for_those_who_only_read(self, book: Book) -> None:
        url = reverse("admin:billing_hold_accounts")

        assert in_role("csr").get(url).status_code == 403


class TestBillingNow:
    def test_bills_the_accounts_named(self, operator: Client, book: Book) -> None:
        url = reverse("admin:billing_bill_now")

        page = operator.post(
            url, {"accounts": "000000001", "as_of": SECOND_READ.isoformat()}, follow=True
        ).content.decode()

        bills = Invoice.objects.order_by("account_id", "pk").values_list("account_id", flat=True)
        assert list(bills) == [1, 1, 2]
        assert "1 due, 1 billed, 0 held" in page

    def test_tells_of_an_unknown_account(self, operator: Client, book: Book) -> None:
        url = reverse("admin:billing_bill_now")

        page = operator.post(url, {"accounts": "999", "as_of": "2026-08-07"}).content.decode()

        assert "1 account numbers are not known: 999" in page
        assert Invoice.objects.count() == 2

    def test_is_not_for_those_who_only_read(self, book: Book) -> None:
        assert in_role("csr").get(reverse("admin:billing_bill_now")).status_code == 403


class TestLedgerAccounts:
    def test_show_balance_open_items_and_statement(self, operator: Client, book: Book) -> None:
        invoice = Invoice.objects.get(account_id=1)
        account = LedgerAccount.objects.get(account_id=1)

        listed = html(operator, list_of("ledgeraccount", "?q=000000001"))
        page = html(operator, page_of(account))

        assert f"${invoice.amount_due_usd}" in listed
        assert invoice.number in page
        assert "energy revenue" in page


class TestCharges:
    def test_show_the_days_that_were_billed(self, operator: Client, book: Book) -> None:
        charge = Charge.objects.get(account_id=1)

        page = html(operator, page_of(charge))

        assert page.count("<rect ") == 30
        assert Invoice.objects.get(account_id=1).number in page


class TestGuardThresholds:
    def test_change_by_hand_with_a_history(self, operator: Client, book: Book) -> None:
        limit = GuardThreshold.objects.order_by("pk")[0]

        operator.post(page_of(limit), {"value": "77", "is_enabled": "on"})

        limit.refresh_from_db()
        assert limit.value == 77
