"""Open invoices become payments, each with one 820_02."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connections

from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import transaction
from ossrep.market.models import OutboundMessage, TdspPayment, TdspPaymentLine
from ossrep.market.queries.payables import list_payables
from ossrep.market.usecases.matching.paying import (
    InvalidShortPayment,
    NothingToPay,
    PaymentRefused,
    ShortPayment,
    approve_payment,
    prepare_payment,
    withdraw_payment,
)
from tests.factories.market_mail import NOW
from tests.factories.market_matching import Post, invoice_set, usage_set

pytestmark = pytest.mark.django_db(databases="__all__")

DUE = dt.date(2026, 3, 26)
LARGE = (("DIS001", "12000.00"),)


def pay(**values: object) -> TdspPayment:
    arguments: dict[str, object] = {
        "tdsp_code": "ONCOR_ELEC",
        "due_by": DUE,
        "payment_date": DUE,
        "prepared_by": "ann",
        "now": NOW,
        **values,
    }
    return TdspPayment.objects.get(pk=prepare_payment(**arguments))  # type: ignore[arg-type]


def advice(payment: TdspPayment) -> list[list[str]]:
    """The segments of the 820_02 that tell of money."""
    assert payment.outbound_message_id is not None
    message = OutboundMessage.objects.get(pk=payment.outbound_message_id)
    return [s for s in message.segments if s[0] in ("BPR", "RMR", "NTE")]


def cancel_of_first() -> list[list[str]]:
    return invoice_set(reference="I2", purpose="01", corrects="I1")


class TestListPayables:
    def test_an_invoice_is_owed_on_the_day_that_it_states(self, post: Post) -> None:
        post.bring(invoice_set())
        (found,) = list_payables()
        assert (found.reference, found.due_date, found.open_usd) == ("I1", DUE, Decimal("184.88"))

    def test_without_a_day_it_is_owed_after_35_days(self, post: Post) -> None:
        post.bring(invoice_set(due=""))
        # Received on Tuesday 24 November 2026; 35 days on is Tuesday 29 December.
        assert list_payables()[0].due_date == dt.date(2026, 12, 29)

    def test_a_cancel_takes_back_its_original(self, post: Post) -> None:
        post.bring(invoice_set(), cancel_of_first())
        assert [each.open_usd for each in list_payables()] == [
            Decimal("184.88"),
            Decimal("-184.88"),
        ]

    def test_what_waits_for_its_original_is_not_owed(self, post: Post) -> None:
        post.bring(cancel_of_first())
        assert list_payables() == []

    def test_what_was_refused_is_not_owed(self, post: Post) -> None:
        post.bring(invoice_set(total="99999"))
        assert list_payables() == []


class TestPreparePayment:
    def test_queues_one_advice_with_the_total_of_its_lines(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set(), invoice_set(reference="I9", usage="U9"))
        payment = pay()
        assert (payment.state, payment.total_usd) == ("sent", Decimal("369.76"))
        (money, *lines) = advice(payment)
        assert money[:5] == ["BPR", "I", "369.76", "C", "ACH"]
        assert [(line[2], line[4]) for line in lines] == [("I1", "184.88"), ("I9", "184.88")]

    def test_an_invoice_is_paid_once(self, post: Post) -> None:
        post.bring(invoice_set())
        pay()
        with pytest.raises(NothingToPay):
            pay()

    def test_a_cancel_of_a_paid_invoice_is_a_negative_advice(self, post: Post) -> None:
        post.bring(invoice_set())
        pay()
        post.bring(cancel_of_first())
        payment = pay()
        assert payment.total_usd == Decimal("-184.88")
        (money, line) = advice(payment)
        assert (money[2], money[3]) == ("184.88", "D")
        assert (line[2], line[4]) == ("I2", "-184.88")

    def test_a_short_payment_says_why_and_leaves_the_rest_disputed(self, post: Post) -> None:
        post.bring(invoice_set())
        part = ShortPayment(Decimal("100.00"), "MARKETRAK 4711")
        payment = pay(short={"I1": part})
        assert ["NTE", "ZZZ", "MARKETRAK 4711"] in advice(payment)
        assert list_payables() == []
        (rest,) = list_payables(with_disputed=True)
        assert (rest.open_usd, rest.is_disputed) == (Decimal("84.88"), True)
        assert pay(references=["I1"]).total_usd == Decimal("84.88")

    @pytest.mark.parametrize(
        "part",
        [
            ShortPayment(Decimal("100.00"), " "),
            ShortPayment(Decimal("184.88"), "ALL OF IT"),
            ShortPayment(Decimal("-1.00"), "NEGATIVE"),
            ShortPayment(Decimal("1.001"), "TOO FINE"),
        ],
    )
    def test_an_impossible_short_payment_is_refused(self, post: Post, part: ShortPayment) -> None:
        post.bring(invoice_set())
        with pytest.raises(InvalidShortPayment):
            pay(short={"I1": part})
        assert TdspPayment.objects.count() == 0


class TestApprovePayment:
    def test_above_the_limit_nothing_is_sent_without_a_second_person(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        payment = pay()
        assert (payment.state, payment.outbound_message_id) == ("prepared", None)
        approve_payment(reference=payment.reference, approved_by="bob", now=NOW)
        payment.refresh_from_db()
        assert (payment.state, payment.approved_by) == ("sent", "bob")
        assert advice(payment)[0][2] == "12000.00"

    @pytest.mark.parametrize("name", ["ann", "Ann ", ""])
    def test_not_by_who_prepared_it(self, post: Post, name: str) -> None:
        post.bring(invoice_set(charges=LARGE))
        with pytest.raises(PaymentRefused):
            approve_payment(reference=pay().reference, approved_by=name, now=NOW)

    def test_not_twice(self, post: Post) -> None:
        post.bring(invoice_set())
        with pytest.raises(PaymentRefused):
            approve_payment(reference=pay().reference, approved_by="bob", now=NOW)


class TestWithdrawPayment:
    def test_opens_its_invoices_again(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        payment = pay()
        assert list_payables() == []
        withdraw_payment(reference=payment.reference, by="bob", reason="twice billed", now=NOW)
        payment.refresh_from_db()
        assert (payment.state, payment.withdrawn_by, payment.withdrawal_reason) == (
            *("withdrawn", "bob"),
            "twice billed",
        )
        assert [each.open_usd for each in list_payables()] == [Decimal("12000.00")]
        assert_invariants(contexts=["market"])
        assert pay().total_usd == Decimal("12000.00")
        assert_invariants(contexts=["market"])

    def test_not_what_was_sent(self, post: Post) -> None:
        post.bring(invoice_set())
        with pytest.raises(PaymentRefused, match="sent already"):
            withdraw_payment(reference=pay().reference, by="bob", reason="late", now=NOW)

    def test_not_twice_and_nothing_approves_it_then(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        reference = pay().reference
        withdraw_payment(reference=reference, by="ann", reason="wrong day", now=NOW)
        with pytest.raises(PaymentRefused, match="ann has withdrawn it"):
            withdraw_payment(reference=reference, by="bob", reason="again", now=NOW)
        with pytest.raises(PaymentRefused, match="ann has withdrawn it"):
            approve_payment(reference=reference, approved_by="bob", now=NOW)

    @pytest.mark.parametrize(("by", "reason"), [("", "late"), ("bob", " ")])
    def test_not_without_a_name_and_a_reason(self, post: Post, by: str, reason: str) -> None:
        post.bring(invoice_set(charges=LARGE))
        with pytest.raises(PaymentRefused, match="who withdraws it and why"):
            withdraw_payment(reference=pay().reference, by=by, reason=reason, now=NOW)

    def test_not_while_a_later_one_pays_the_rest(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        first = pay(short={"I1": ShortPayment(Decimal("11900.00"), "MARKETRAK 4711")})
        rest = pay(references=["I1"])
        with pytest.raises(PaymentRefused, match=f"{rest.reference} pays the rest of invoice I1"):
            withdraw_payment(reference=first.reference, by="bob", reason="late", now=NOW)
        assert list_payables(with_disputed=True) == []

    def test_is_a_command(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        reference = pay().reference
        out = StringIO()
        call_command("market", "withdraw", reference, by="bob", reason="late", stdout=out)
        assert out.getvalue() == f"{reference} withdrawn, its invoices are open again\n"
        assert len(list_payables()) == 1


class TestTheDatabase:
    def test_refuses_one_person_in_both_parts(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        payment = pay()
        with pytest.raises(IntegrityError, match="market_payment_two_persons"), transaction():
            TdspPayment.objects.filter(pk=payment.pk).update(approved_by="ann")

    def test_refuses_a_large_advice_without_approval(self, post: Post) -> None:
        post.bring(invoice_set(charges=LARGE))
        payment = pay()
        with pytest.raises(IntegrityError, match="market_payment_approved"), transaction():
            TdspPayment.objects.filter(pk=payment.pk).update(state="sent", outbound_message_id=1)

    def test_refuses_a_total_that_is_not_that_of_its_lines(self, post: Post) -> None:
        post.bring(invoice_set())
        line = TdspPaymentLine.objects.get(payment=pay())
        with pytest.raises(IntegrityError, match="total is not the sum"):
            write_unbalanced(invoice_id=line.invoice_id)


def write_unbalanced(*, invoice_id: int) -> None:
    """A payment of one dollar with a line of two."""
    with transaction():
        payment = TdspPayment.objects.create(
            tdsp_code="ONCOR_ELEC",
            reference="OTHER",
            payment_date=DUE,
            method="ACH",
            total_usd=Decimal("1.00"),
            needs_approval=False,
            prepared_by="ann",
            prepared_at=NOW,
        )
        TdspPaymentLine.objects.create(
            payment=payment,
            invoice_id=invoice_id,
            amount_usd=Decimal("2.00"),
            invoice_amount_usd=Decimal("2.00"),
        )
        with connections["market"].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
