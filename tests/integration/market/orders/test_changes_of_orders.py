from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.domain.order_requests import RequestRefused
from ossrep.market.models import (
    Deadline,
    Order,
    OrderStep,
    OutboundMessage,
    OutboxEvent,
    QueuedMessage,
    TradingPartner,
    WorkItem,
)
from ossrep.market.usecases.interchange.outbound import UnknownPartner
from ossrep.market.usecases.orders.apply import CommandRefused, apply_command
from ossrep.market.usecases.orders.changing import (
    cancel_order,
    change_date,
    find_order,
    resend_order,
)
from ossrep.market.usecases.orders.refusing import refuse_unexecutable
from tests.factories import market_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = dt.date(2026, 6, 15)


def count_sent() -> int:
    return OutboundMessage.objects.count()


class TestStarting:
    def test_gives_the_same_order_for_the_same_wish(self) -> None:
        first = made.switch(wish=made.wish("enrollment", "E1"))

        again = made.switch(wish=made.wish("enrollment", "E1"))

        assert (first.pk, count_sent()) == (again.pk, 1)

    def test_refuses_a_second_order_of_the_kind_for_the_day(self) -> None:
        first = made.move_in()

        with pytest.raises(RequestRefused, match=f"{first.reference} asks for a move-in on"):
            made.move_in()

        assert count_sent() == 1

    def test_lets_two_move_ins_of_different_days_stand_side_by_side(self) -> None:
        made.move_in()
        made.move_in(requested_date=LATER)

        assert count_sent() == 2

    def test_refuses_a_second_move_out_without_an_unexecutable_first(self) -> None:
        with pytest.raises(RequestRefused, match="I2M"):
            made.move_out(insists=True)

        assert count_sent() == 0

    def test_insists_after_an_unexecutable_move_out(self) -> None:
        first = made.move_out()
        made.receive(made.unexecutable(first.reference, "T019"))

        second = made.move_out(insists=True)

        message = OutboundMessage.objects.get(reference=second.reference)
        assert any(segment[:3] == ["REF", "1P", "2MR"] for segment in message.segments)

    def test_refuses_to_bypass_an_agreement_of_others(self) -> None:
        with pytest.raises(RequestRefused, match="only the retailer whose continuous service"):
            made.move_out(bypasses_csa=True)

    def test_refuses_a_return_with_priority(self) -> None:
        with pytest.raises(RequestRefused, match="standard priority"):
            made.move_in(order_type="IA", is_priority=True)

    def test_leaves_nothing_behind_where_the_message_cannot_be_queued(self) -> None:
        TradingPartner.objects.filter(code="ERCOT").update(code="NOBODY")

        with pytest.raises(UnknownPartner):
            made.switch()

        assert (Order.objects.count(), OrderStep.objects.count(), count_sent()) == (0, 0, 0)
        assert Deadline.objects.count() == 0


class TestCancelOrder:
    def test_sends_the_code_about_the_order(self) -> None:
        order = made.switch()

        cancel = Order.objects.get(
            pk=cancel_order(order_id=order.pk, reason="A13", text="wrong premises", now=made.NOON)
        )

        message = OutboundMessage.objects.get(reference=cancel.reference)
        assert (message.kind, message.original_reference) == ("814_08", order.reference)
        assert ["REF", "7G", "A13", "WRONG PREMISES"] in message.segments

    @pytest.mark.parametrize(
        ("reason", "text", "why"),
        [("CCA", "", "with A13 or B40 only"), ("A13", "", "A13 needs a text")],
    )
    def test_refuses_codes_that_are_not_ours(self, reason: str, text: str, why: str) -> None:
        order = made.switch()

        with pytest.raises(RequestRefused, match=why):
            cancel_order(order_id=order.pk, reason=reason, text=text, now=made.NOON)

    def test_refuses_the_same_reason_while_it_is_unanswered(self) -> None:
        order = made.switch()
        cancel_order(order_id=order.pk, reason="B40", now=made.NOON)

        with pytest.raises(RequestRefused, match="is unanswered"):
            cancel_order(order_id=order.pk, reason="B40", now=made.NOON)

        cancel_order(order_id=order.pk, reason="A13", text="other", now=made.NOON)
        assert count_sent() == 3

    def test_is_too_late_on_the_scheduled_day(self) -> None:
        order = made.switch()
        made.receive(made.scheduled(order.reference))
        on_the_day = dt.datetime(2026, 6, 10, 14, 0, tzinfo=dt.UTC)

        with pytest.raises(RequestRefused, match="only MarkeTrak is left"):
            cancel_order(order_id=order.pk, reason="B40", now=on_the_day)

    def test_refuses_what_is_closed(self) -> None:
        order = made.switch()
        made.receive(made.not_scheduled(order.reference, "SHF"))

        with pytest.raises(RequestRefused, match=r"is rejected \(refused by ERCOT or the TDSP\)"):
            cancel_order(order_id=order.pk, reason="B40", now=made.NOON)

    def test_is_answered_by_the_number_of_the_cancel_or_of_the_order(self) -> None:
        order = made.switch()
        cancel = Order.objects.get(pk=cancel_order(order_id=order.pk, reason="B40", now=made.NOON))

        made.receive(made.cancel_answer(cancel.reference, "WQ", "B40"))

        order.refresh_from_db()
        cancel.refresh_from_db()
        assert (order.state, cancel.state) == ("cancelled", "accepted")

    def test_is_overtaken_when_the_order_ends_otherwise(self) -> None:
        order = made.switch()
        cancel = cancel_order(order_id=order.pk, reason="B40", now=made.NOON)

        made.receive(made.ercot_cancel(order.reference, "CCA"))

        assert Order.objects.get(pk=cancel).state == "overtaken"

    def test_that_is_accepted_for_a_completed_order_is_asked_about(self) -> None:
        order = made.switch()
        cancel_order(order_id=order.pk, reason="B40", now=made.NOON)
        made.receive(made.scheduled(order.reference))
        made.read("867_04", original=order.reference)

        made.receive(made.cancel_answer(order.reference, "WQ", "B40"))

        item = WorkItem.objects.get(kind="unexpected-message")
        order.refresh_from_db()
        assert order.state == "completed"
        assert item.title == f"814_09 accept contradicts switch {order.reference}"


class TestChangeDate:
    def test_sends_date_and_counter_and_moves_the_order(self) -> None:
        order = made.move_in(wish=made.wish("enrollment", "E1"))
        made.receive(made.scheduled(order.reference))

        change = Order.objects.get(pk=change_date(order_id=order.pk, date=LATER, now=made.NOON))
        made.receive(made.change_answer(order.reference, "WQ", date=LATER, counter=change.counter))

        message = OutboundMessage.objects.get(reference=change.reference)
        order.refresh_from_db()
        told = [
            event.payload["scheduled_date"]
            for event in OutboxEvent.objects.filter(event_type__contains="accepted").order_by("pk")
        ]
        assert ["DTM", "375", "20260615"] in message.segments
        assert (order.scheduled_date, order.counter) == (LATER, "202606011200")
        assert told == ["2026-06-10", "2026-06-15"]

    def test_holds_the_date_of_the_highest_counter_whatever_comes_last(self) -> None:
        order = made.move_in()
        made.receive(made.scheduled(order.reference))
        change_date(order_id=order.pk, date=LATER, now=made.NOON)
        change_date(order_id=order.pk, date=dt.date(2026, 6, 20), now=made.NOON)

        for date, counter in ((dt.date(2026, 6, 20), "202606011201"), (LATER, "202606011200")):
            made.receive(made.change_answer(order.reference, "WQ", date=date, counter=counter))

        order.refresh_from_db()
        assert (order.scheduled_date, order.counter) == (dt.date(2026, 6, 20), "202606011201")

    def test_holds_before_an_older_answer(self) -> None:
        order = made.move_in()
        change_date(order_id=order.pk, date=LATER, now=made.NOON)

        made.receive(made.change_answer(order.reference, "WQ", date=LATER, counter="202606011200"))
        made.receive(made.scheduled(order.reference))

        order.refresh_from_db()
        assert (order.state, order.scheduled_date) == ("scheduled", LATER)

    def test_only_notes_the_date_while_a_permit_is_pending(self) -> None:
        order = made.move_in()
        made.receive(made.permit(order.reference))
        change_date(order_id=order.pk, date=LATER, now=made.NOON)

        made.receive(made.change_answer(order.reference, "WQ", date=LATER, counter="202606011200"))
        made.receive(made.scheduled(order.reference, dt.date(2026, 6, 18)))

        order.refresh_from_db()
        assert (order.requested_date, order.scheduled_date) == (LATER, dt.date(2026, 6, 18))

    def test_is_refused_for_a_switch(self) -> None:
        order = made.switch()

        with pytest.raises(RequestRefused, match="cancel it and send a new one"):
            change_date(order_id=order.pk, date=LATER, now=made.NOON)

    def test_is_refused_while_a_cancel_is_unanswered(self) -> None:
        order = made.move_in()
        cancel_order(order_id=order.pk, reason="B40", now=made.NOON)

        with pytest.raises(RequestRefused, match="a cancel of it is unanswered"):
            change_date(order_id=order.pk, date=LATER, now=made.NOON)

    def test_that_is_refused_leaves_the_former_date(self) -> None:
        order = made.move_in()
        made.receive(made.scheduled(order.reference))
        change_date(order_id=order.pk, date=LATER, now=made.NOON)

        made.receive(made.change_answer(order.reference, "U", "TDR", counter="202606011200"))

        order.refresh_from_db()
        assert (order.state, order.scheduled_date) == ("scheduled", made.DAY)
        assert WorkItem.objects.get().kind == "date-change-rejected"


class TestResendOrder:
    def test_queues_the_same_message_again(self) -> None:
        order = made.switch()
        QueuedMessage.objects.all().delete()

        resend_order(order_id=order.pk, now=made.NOON)

        queued = QueuedMessage.objects.get()
        assert (queued.message.reference, count_sent()) == (order.reference, 1)

    def test_makes_a_new_order_with_a_new_number_of_a_refused_one(self) -> None:
        order = made.switch()
        made.receive(made.switch_reject(order.reference, "A76"))

        newer = Order.objects.get(pk=resend_order(order_id=order.pk, now=made.NOON))

        assert newer.reference != order.reference
        assert (newer.state, newer.attempt, newer.request) == ("sent", 2, order.request)

    def test_refuses_what_a_customer_was_told_the_end_of(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))
        made.receive(made.switch_reject(order.reference, "A76"))

        with pytest.raises(RequestRefused, match="ask for it by a new one"):
            resend_order(order_id=order.pk, now=made.NOON)

    def test_refuses_what_is_scheduled(self) -> None:
        order = made.switch()
        made.receive(made.scheduled(order.reference))

        with pytest.raises(CommandRefused, match="is scheduled"):
            resend_order(order_id=order.pk, now=made.NOON)


class TestANumberThatWasUsedBefore:
    def test_is_replaced_without_a_word_to_the_customer(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))

        made.receive(made.switch_reject(order.reference, "DOT"))

        newer = Order.objects.get(attempt=2)
        order.refresh_from_db()
        assert (order.state, newer.state, newer.wish_id) == ("rejected", "sent", "E1")
        assert not OutboxEvent.objects.filter(event_type__contains="rejected").exists()
        assert WorkItem.objects.count() == 0

    def test_is_for_a_person_the_third_time(self) -> None:
        made.switch(wish=made.wish("enrollment", "E1"))

        for attempt in (1, 2, 3):
            order = Order.objects.get(attempt=attempt)
            made.receive(made.switch_reject(order.reference, "DOT"))

        assert Order.objects.count() == 3
        assert WorkItem.objects.get().kind == "order-rejected"
        assert OutboxEvent.objects.filter(event_type__contains="rejected").count() == 1


class TestRefuseUnexecutable:
    def test_answers_the_number_of_the_814_28_and_leaves_the_order(self) -> None:
        order = made.move_in()
        finding = made.unexecutable(order.reference, "T018")
        made.receive(finding)

        refuse_unexecutable(order_id=order.pk, code="A13", text="wrong meter", now=made.NOON)

        message = OutboundMessage.objects.get(kind="814_29")
        order.refresh_from_db()
        assert message.original_reference == finding.reference
        assert ["REF", "7G", "A13", "WRONG METER"] in message.segments
        assert order.state == "unexecutable"

    def test_needs_an_814_28(self) -> None:
        order = made.move_in()

        with pytest.raises(RequestRefused, match="has no 814_28 that could be refused"):
            refuse_unexecutable(order_id=order.pk, code="A13", text="x", now=made.NOON)


class TestFindOrder:
    def test_refuses_an_unknown_number(self) -> None:
        with pytest.raises(RequestRefused, match="no order has the number 'X'"):
            find_order(reference="X")


class TestApplyCommand:
    def test_refuses_what_the_state_does_not_allow(self) -> None:
        order = made.switch()

        with pytest.raises(CommandRefused, match="which does not allow: start"):
            apply_command(order_id=order.pk, name="start", now=made.NOON)
