"""Undoing an invoice or a run, and billing again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ossrep.billing.models import (
    BillRun,
    Charge,
    Invoice,
    InvoiceLine,
    OutboxEvent,
    Reversal,
    Transfer,
)
from ossrep.billing.service import BillingService
from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.reverse_invoices import (
    AlreadyReversed,
    LaterBillsExist,
    ReasonMissing,
    ReversalOrder,
    UnknownTarget,
    reverse_invoices,
)
from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import AccountId
from tests.factories.billing_book import FIRST_READ, SECOND_READ, a_book
from tests.integration.billing.runs import pay, run

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = dt.date(2026, 7, 30)


def order(**target: object) -> ReversalOrder:
    return ReversalOrder(reason="wrong tariff", effective_date=DAY, **target)  # type: ignore[arg-type]


class TestReverseInvoice:
    def test_takes_the_money_back_and_tells_of_it(self) -> None:
        run(a_book(accounts=2), RunOrder(as_of=FIRST_READ))
        invoice = Invoice.objects.get(account_id=1)

        result = reverse_invoices(order=order(invoice_number=invoice.number))

        assert result.invoices == 1
        assert_invariants(contexts=["billing"])
        ids = [AccountId(1)]
        assert BillingService().get_balances(account_ids=ids) == {1: Decimal("0.00")}
        event = OutboxEvent.objects.get(event_type="billing.invoice-reversed.v1")
        assert (event.aggregate_id, event.seq, event.payload["amount_usd"]) == (
            "1",
            2,
            str(invoice.amount_due_usd),
        )

    def test_lets_the_days_be_billed_again_to_the_same_cents(self) -> None:
        book = a_book(accounts=1)
        run(book, RunOrder(as_of=FIRST_READ))
        first = Invoice.objects.get()
        reverse_invoices(order=order(invoice_number=first.number))

        status = run(book, RunOrder(as_of=FIRST_READ))

        assert status.billed == 1
        second = Invoice.objects.exclude(pk=first.pk).get()
        assert (second.period_start, second.period_end) == (first.period_start, first.period_end)
        assert second.previous_balance_usd == first.amount_due_usd
        assert second.adjustments_usd == -first.amount_due_usd
        assert second.amount_due_usd == first.amount_due_usd
        lines = InvoiceLine.objects.order_by("line_no").values_list("template", "amount_usd")
        assert list(lines.filter(invoice_id=first.pk)) == list(lines.filter(invoice_id=second.pk))

    def test_leaves_payments_on_the_account(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        pay(account_id=1, amount="40.00", date=DAY)

        reverse_invoices(order=order(invoice_number=Invoice.objects.get().number))

        balances = BillingService().get_balances(account_ids=[AccountId(1)])
        assert balances == {1: Decimal("-40.00")}

    def test_refuses_to_pull_the_ground_from_a_later_bill(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=SECOND_READ))
        first, second = Invoice.objects.order_by("id")

        with pytest.raises(LaterBillsExist, match=second.number):
            reverse_invoices(order=order(invoice_number=first.number))

        assert not Reversal.objects.exists()
        assert BillRun.objects.count() == 1

    def test_refuses_a_second_time(self) -> None:
        run(a_book(accounts=1), RunOrder(as_of=FIRST_READ))
        number = Invoice.objects.get().number
        reverse_invoices(order=order(invoice_number=number))
        transfers = Transfer.objects.count()

        with pytest.raises(AlreadyReversed):
            reverse_invoices(order=order(invoice_number=number))

        assert Transfer.objects.count() == transfers

    @pytest.mark.parametrize("target", [{"invoice_number": "100000011"}, {"run_id": 7}])
    def test_refuses_what_was_never_issued(self, target: dict[str, object]) -> None:
        with pytest.raises(UnknownTarget):
            reverse_invoices(order=order(**target))

    def test_wants_a_reason(self) -> None:
        blank = ReversalOrder(invoice_number="100000011", reason=" ", effective_date=DAY)

        with pytest.raises(ReasonMissing):
            reverse_invoices(order=blank)


class TestReverseRun:
    def test_brings_every_balance_back_to_where_it_was(self) -> None:
        book = a_book(accounts=3)
        status = run(book, RunOrder(as_of=SECOND_READ))

        result = reverse_invoices(order=order(run_id=status.run_id))

        assert result.invoices == 6
        assert_invariants(contexts=["billing"])
        ids = [AccountId(n) for n in (1, 2, 3)]
        assert set(BillingService().get_balances(account_ids=ids).values()) == {Decimal("0.00")}
        assert not Charge.objects.filter(reversal=None).exists()

    def test_can_be_billed_again_whole(self) -> None:
        book = a_book(accounts=2)
        status = run(book, RunOrder(as_of=SECOND_READ))
        before = sorted(Invoice.objects.values_list("account_id", "tax_usd", "retailer_usd"))
        reverse_invoices(order=order(run_id=status.run_id))

        again = run(book, RunOrder(as_of=SECOND_READ))

        after = Invoice.objects.filter(run_id=again.run_id)
        assert sorted(after.values_list("account_id", "tax_usd", "retailer_usd")) == before
