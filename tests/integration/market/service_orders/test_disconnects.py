"""Disconnect and reconnect for non-payment: every order of messages, doubles, answers missing."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import pytest

from ossrep.market.models import (
    Deadline,
    Moratorium,
    Order,
    OutboundMessage,
    OutboxEvent,
    ServicePoint,
    WorkItem,
)
from ossrep.market.usecases.deadlines import run_clock
from ossrep.market.usecases.orders.apply import CommandRefused
from ossrep.market.usecases.service_orders.disconnecting import (
    DisconnectUnknown,
    request_reconnect,
)
from ossrep.market.usecases.service_orders.wishes import take_disconnect, take_reconnect
from ossrep.published.billing import DisconnectRequested, ReconnectRequested
from tests.factories import market_orders
from tests.factories import market_service_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")


def events() -> list[tuple[str, str]]:
    rows = OutboxEvent.objects.filter(event_type__startswith="market.").order_by("pk")
    rows = rows.exclude(event_type="market.message-queued.v1")
    return [
        (row.event_type.removeprefix("market.").removesuffix(".v1"), row.payload["disconnect_id"])
        for row in rows
    ]


def point(**told: object) -> None:
    ServicePoint.objects.create(esi_id=market_orders.ESI_ID, changed_at=made.NOON, **told)


def state(order: Order) -> str:
    order.refresh_from_db()
    return order.state


class TestRequestDisconnect:
    def test_writes_order_message_and_deadline_at_once(self):
        order = made.disconnect()

        message, deadline = OutboundMessage.objects.get(), Deadline.objects.get()
        assert (order.state, order.partner, order.wish_id) == ("sent", "ONCOR_ELEC", "D1")
        assert (message.kind, message.reference) == ("650_01", order.reference)
        assert message.partner.code == "ONCOR_ELEC"
        texts = ["*".join(segment) for segment in message.segments]
        assert any(text.startswith("BGN*13*") and text.endswith("*72*IT") for text in texts)
        assert "REF*8X*DC001" in texts
        # Five Retail Business Days after Wednesday the 3rd.
        assert (deadline.expects, deadline.due_at) == ("650_02", made.at(10, "17:00"))
        assert deadline.money_at_risk_usd == Decimal("321.09")

    def test_is_one_order_for_one_wish(self):
        assert made.disconnect().pk == made.disconnect().pk
        assert OutboundMessage.objects.count() == 1

    def _refusal(self, **wanted) -> dict:
        order = made.disconnect(**wanted)
        assert order.state == "not_sent"
        assert not OutboundMessage.objects.filter(kind="650_01").exists()
        return OutboxEvent.objects.get(event_type="market.disconnect-refused.v1").payload

    def test_tells_billing_what_our_own_checks_forbid(self):
        refusal = self._refusal(wanted_date=dt.date(2026, 6, 5))

        assert refusal["reason_codes"] == ["own-day-off"]
        assert "the next possible day is 2026-06-08" in refusal["reason_text"]

    def test_keeps_the_moratorium_of_a_county(self):
        ServicePoint.objects.create(
            esi_id=market_orders.ESI_ID, county="Dallas", changed_at=made.NOON
        )
        Moratorium.objects.create(
            county="DALLAS", first_date=made.WANTED, last_date=made.WANTED, reason="heat"
        )

        assert self._refusal()["reason_codes"] == ["own-moratorium"]

    def test_does_not_mind_the_moratorium_of_another_county(self):
        ServicePoint.objects.create(
            esi_id=market_orders.ESI_ID, county="Dallas", changed_at=made.NOON
        )
        Moratorium.objects.create(
            county="ELLIS", first_date=made.WANTED, last_date=made.WANTED, reason="heat"
        )

        assert made.disconnect().state == "sent"

    def test_keeps_the_moratorium_of_a_territory(self):
        Moratorium.objects.create(
            tdsp_code="ONCOR_ELEC", first_date=made.WANTED, last_date=made.WANTED, reason="ice"
        )

        assert self._refusal()["reason_codes"] == ["own-moratorium"]

    def test_never_cuts_critical_care(self):
        point(has_special_needs=True)

        assert self._refusal()["reason_codes"] == ["own-critical-care"]

    def test_never_cuts_who_moves_out(self):
        market_orders.move_out()

        assert self._refusal()["reason_codes"] == ["own-pending-move-out"]

    def test_never_cuts_what_another_takes_over_before(self):
        market_orders.receive(market_orders.loss("X1", date=made.WANTED))

        assert self._refusal()["reason_codes"] == ["own-competing-order"]

    def test_never_cuts_what_is_lost(self):
        market_orders.receive(market_orders.loss("X1", date=dt.date(2026, 5, 20)))
        market_orders.read("867_03", says="final", original="X1", date=dt.date(2026, 5, 20))

        assert self._refusal()["reason_codes"] == ["own-not-rep-of-record"]

    def test_never_sends_a_second_one(self):
        made.disconnect()

        order = made.disconnect(disconnect_id="D2")

        assert order.state == "not_sent"

    def test_tells_billing_of_data_no_file_can_hold(self):
        take_disconnect(wanted=_wanted(esi_id="12"), now=made.NOON)

        assert events() == [("disconnect-refused", "D1")]
        assert not Order.objects.exists()


def _wanted(**more: object) -> DisconnectRequested:
    values = {
        "disconnect_id": "D1",
        "account_number": "A1",
        "brand_id": 1,
        "esi_id": market_orders.ESI_ID,
        "tdsp_code": "ONCOR_ELEC",
        "wanted_date": made.WANTED,
        "amount_overdue_usd": "321.09",
        "notice_date": dt.date(2026, 5, 20),
        "customer_name": "Jane Sample",
        "contact_phone": "2145550100",
        **more,
    }
    return DisconnectRequested(**values)  # type: ignore[arg-type]


class TestDisconnect:
    def test_is_told_with_its_time(self):
        order = made.disconnect()

        made.receive(made.done(order))

        payload = OutboxEvent.objects.get(event_type="market.disconnect-completed.v1").payload
        assert state(order) == "disconnected"
        assert dt.datetime.fromisoformat(payload["completed_at"]) == made.at(3, "09:19")

    @pytest.mark.parametrize(
        ("code", "end"),
        [("WTM", "rejected"), ("TCC", "rejected"), ("DUP", "sent"), ("QQQ", "rejected")],
    )
    def test_is_rejected_by_code(self, code, end):
        order = made.disconnect()

        made.receive(made.refused(order, code))

        assert state(order) == end
        assert WorkItem.objects.count() == (0 if end == "sent" else 1)

    def test_names_what_to_do_about_a_moratorium(self):
        order = made.disconnect()

        made.receive(made.refused(order, "WTM"))

        item = WorkItem.objects.get()
        assert item.kind == "disconnect-rejected"
        assert "WTM Weather moratorium: TEXT OF WTM" in item.text
        assert item.money_at_risk_usd == Decimal("321.09")

    def test_keeps_the_text_of_an_unknown_code(self):
        order = made.disconnect()

        made.receive(made.refused(order, "QQQ"))

        assert "QQQ (no sourced meaning): TEXT OF QQQ" in WorkItem.objects.get().text

    def test_explains_what_was_found_at_the_meter(self):
        order = made.disconnect()

        made.receive(made.unexecutable(order, "T019"))

        assert state(order) == "unexecutable"
        assert "T019 Tampering found" in WorkItem.objects.get().text
        assert events() == [("disconnect-refused", "D1")]

    def test_takes_an_answer_once(self):
        order, answer = made.disconnect(), None
        answer = made.done(order)

        made.receive(answer)
        made.receive(answer)

        assert events() == [("disconnect-completed", "D1")]
        assert not WorkItem.objects.exists()

    def test_shows_a_contradicting_answer(self):
        order = made.disconnect()
        made.receive(made.done(order))

        made.receive(made.refused(order, "WTM"))

        assert state(order) == "disconnected"
        assert WorkItem.objects.get().kind == "unexpected-message"

    def test_is_chased_a_minute_after_five_days(self):
        order = made.disconnect()

        assert run_clock(as_of=made.at(10, "17:00")).late == 0
        assert run_clock(as_of=made.at(10, "17:01")).late == 1
        item = WorkItem.objects.get(kind="answer-late")
        assert item.title == f"No answer of the TDSP to service order {order.reference}"
        assert item.money_at_risk_usd == Decimal("321.09")
        assert order.reference in item.text_to_send

    def test_lets_a_move_out_follow_after_five_days(self):
        order = made.disconnect()
        made.receive(made.done(order), now=made.at(3, "10:00"))

        run_clock(as_of=made.at(8, "00:00"))
        assert not WorkItem.objects.exists()
        run_clock(as_of=made.at(8, "00:01"))

        assert "a move-out may be sent" in WorkItem.objects.get().title

    def test_waits_for_an_order_that_is_not_known(self):
        order = made.disconnect()
        answer = made.done(order)
        order.reference = "ANOTHER"

        assert made.receive(made.done(order)).state == "parked"
        assert made.receive(answer).state == "applied"

    def test_shows_an_answer_whose_code_no_table_knows(self):
        order = made.disconnect()

        outcome = made.receive(made.answer(order, "ZZ"))

        assert (state(order), outcome.code) == ("sent", "unclear")
        assert "BGN08 ZZ" in WorkItem.objects.get().text

    def test_does_not_take_a_completion_without_a_time(self):
        order = made.disconnect()

        made.receive(made.answer(order, "51"))

        assert state(order) == "sent"
        assert WorkItem.objects.get().kind == "unclear-message"


class TestReconnect:
    def test_cites_its_disconnect_and_ends_both(self):
        order = made.disconnect()
        made.receive(made.done(order))

        again = made.reconnect(now=made.at(4, "10:00"))
        made.receive(made.done(again, 4, "11:00"))

        message = OutboundMessage.objects.get(reference=again.reference)
        assert message.original_reference == order.reference
        assert (state(order), state(again)) == ("reconnected", "reconnected")
        assert events() == [("disconnect-completed", "D1"), ("reconnect-completed", "D1")]
        assert Deadline.objects.filter(state="open").count() == 0

    def test_leaves_once_for_one_payment(self):
        order = made.disconnect()
        made.receive(made.done(order))

        assert made.reconnect().pk == made.reconnect().pk
        assert order.about.count() == 1

    def test_stops_a_disconnect_before_the_work(self):
        order = made.disconnect()

        again = made.reconnect()
        made.receive(made.unexecutable(again, "V005"))
        made.receive(made.unexecutable(order, "V005"))

        assert (state(order), state(again)) == ("cancelled", "void")
        assert events() == [("disconnect-refused", "D1")]
        assert not WorkItem.objects.exists()

    def test_is_not_sent_where_nothing_was_cut(self):
        order = made.disconnect()
        made.receive(made.refused(order, "WTM"))

        assert request_reconnect(disconnect_id="D1", reason="paid", now=made.NOON) is None
        assert OutboundMessage.objects.count() == 1

    def test_leaves_again_when_the_disconnect_was_worked_in_spite_of_it(self):
        order = made.disconnect()
        first = made.reconnect()
        made.receive(made.refused(first, "RWD"))

        made.receive(made.done(order))

        second = order.about.exclude(pk=first.pk).get()
        assert (state(first), second.state, second.attempt) == ("rejected", "sent", 2)
        made.receive(made.done(second, 3, "10:00"))
        assert state(order) == "reconnected"

    def test_is_chased_after_one_day(self):
        order = made.disconnect()
        made.receive(made.done(order))
        made.reconnect(now=made.at(4, "10:00"))

        run_clock(as_of=made.at(5, "17:00"))
        assert not WorkItem.objects.filter(kind="answer-late").exists()
        run_clock(as_of=made.at(5, "17:01"))

        assert "is not confirmed" in WorkItem.objects.get(kind="answer-late").title

    def test_is_refused_for_an_unknown_disconnect(self):
        with pytest.raises(DisconnectUnknown):
            request_reconnect(disconnect_id="D9", reason="paid", now=made.NOON)

        take_reconnect(
            wanted=ReconnectRequested(disconnect_id="D9", esi_id="1", reason="paid"), now=made.NOON
        )
        assert WorkItem.objects.get().kind == "reconnect-without-disconnect"

    def test_asks_a_person_when_the_point_is_gone(self):
        order = made.disconnect()
        made.receive(made.done(order))
        made.do(order, "gone")

        assert request_reconnect(disconnect_id="D1", reason="paid", now=made.NOON) is None
        assert WorkItem.objects.get().kind == "paid-after-loss"

    def test_is_taken_back(self):
        order = made.disconnect()
        made.receive(made.done(order))
        again = made.reconnect()

        made.do(again, "cancel")
        made.receive(made.answer(again, "C"))

        taken_back = OutboundMessage.objects.get(original_reference=again.reference)
        assert (taken_back.kind, state(again), state(order)) == (
            "650_01",
            "cancelled",
            "disconnected",
        )

    def test_cannot_be_taken_back_twice(self):
        made.receive(made.done(made.disconnect()))
        again = made.reconnect()
        made.do(again, "cancel")

        with pytest.raises(CommandRefused):
            made.do(again, "cancel")


class TestEveryOrderOfMessages:
    """The disconnect is sent, paid before any answer, and worked all the same."""

    @pytest.mark.parametrize("order_of", list(itertools.permutations("DR")))
    @pytest.mark.parametrize("copies", [1, 2])
    def test_ends_on(self, order_of, copies):
        order = made.disconnect()
        again = made.reconnect()
        messages = {"D": made.done(order), "R": made.done(again, 3, "11:00")}

        for name in order_of:
            for _ in range(copies):
                made.receive(messages[name])

        assert (state(order), state(again)) == ("reconnected", "reconnected")
        assert events()[-1] == ("reconnect-completed", "D1")
        assert ("disconnect-completed", "D1") in events()
        assert not WorkItem.objects.exists()

    @pytest.mark.parametrize("order_of", list(itertools.permutations("DR")))
    def test_ends_void(self, order_of):
        order = made.disconnect()
        again = made.reconnect()
        messages = {"D": made.unexecutable(order, "V005"), "R": made.unexecutable(again, "V005")}

        for name in order_of:
            made.receive(messages[name])

        assert (state(order), state(again)) == ("cancelled", "void")
        assert events() == [("disconnect-refused", "D1")]
        assert not WorkItem.objects.exists()

    @pytest.mark.parametrize(
        ("missing", "title", "minute"),
        [("D", "service order", (10, "17:01")), ("R", "is not confirmed", (2, "17:01"))],
    )
    def test_asks_for_the_missing_answer_at_its_minute(self, missing, title, minute):
        order = made.disconnect()
        again = made.reconnect()
        messages = {"D": made.done(order), "R": made.done(again, 3, "11:00")}
        del messages[missing]
        for message in messages.values():
            made.receive(message)

        day, time = minute
        just_before = made.at(day, time) - dt.timedelta(minutes=1)
        run_clock(as_of=just_before)
        assert not WorkItem.objects.filter(kind="answer-late", state="open").exists()
        run_clock(as_of=made.at(day, time))

        assert title in WorkItem.objects.get(kind="answer-late").title
