"""The bill run from plan to posted invoices, on other contexts' fakes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ossrep.billing.models import BillRunItem, Invoice, InvoiceLine
from ossrep.billing.queries.run_status import RunStatus
from ossrep.billing.service import BillingService
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.run_bills import InThisProcess, run_bills
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import AccountId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, Book, a_book

pytestmark = pytest.mark.django_db(databases="__all__")


def run(book: Book, order: RunOrder) -> RunStatus:
    with book.standing_in():
        status = run_bills(order=order, workers=InThisProcess())
    assert_invariants(contexts=["billing"])
    return status


class TestBillRun:
    def test_bills_each_account_once(self) -> None:
        status = run(a_book(accounts=3), RunOrder(as_of=FIRST_READ, read_cycle="07"))

        assert (status.state, status.planned, status.billed) == ("finished", 3, 3)
        assert [i.number for i in Invoice.objects.order_by("id")] == [
            "100000011",
            "100000022",
            "100000033",
        ]

    def test_prints_lines_in_the_plan_order_with_exact_quantities(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))

        lines = InvoiceLine.objects.select_related("template").order_by("line_no")
        assert [(x.template.label, x.quantity, x.amount_usd) for x in lines] == [
            ("Base charge", 1, Decimal("9.95")),
            ("Energy, nights", 273_558, Decimal("13.68")),
            ("Energy, days", 450_984, Decimal("72.16")),
            ("TDU Delivery Charges", 1, Decimal("4.23")),
            ("TDU Delivery Charges, kWh", 724_542, Decimal("40.60")),
        ]

    def test_posts_what_is_owed(self) -> None:
        run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))

        due = dict(Invoice.objects.values_list("account_id", "amount_due_usd"))
        ids = [AccountId(1), AccountId(2), AccountId(99)]
        assert BillingService().get_balances(account_ids=ids) == {
            1: due[1],
            2: due[2],
            99: Decimal("0.00"),
        }

    def test_bills_a_second_period_in_the_same_run_after_the_first(self) -> None:
        status = run(a_book(accounts=2), RunOrder(as_of=SECOND_READ))

        assert (status.planned, status.billed) == (4, 4)
        first, second = Invoice.objects.filter(account_id=1).order_by("id")
        assert second.period_start == first.period_end
        assert second.previous_balance_usd == first.amount_due_usd

    def test_bills_nothing_twice(self) -> None:
        book = a_book(accounts=2)
        run(book, RunOrder(as_of=FIRST_READ))

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert (status.planned, status.billed) == (0, 0)
        assert BillRunItem.objects.count() == 2
