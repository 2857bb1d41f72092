from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.models import Deadline, Order, OrderStep, OutboundMessage, OutboxEvent, WorkItem
from tests.factories import market_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")


class TestStartSwitch:
    def test_writes_order_step_message_and_deadline_at_once(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))

        step = OrderStep.objects.get(order=order)
        message = OutboundMessage.objects.get()
        deadline = Deadline.objects.get()
        assert (order.kind, order.state, order.tdsp_code) == ("switch", "sent", "ONCOR_ELEC")
        assert (step.trigger, step.from_state, step.to_state) == ("command start", "new", "sent")
        assert (message.kind, message.reference, message.step_id) == (
            "814_01",
            order.reference,
            step.pk,
        )
        assert ["N1", "8R", "JANE SAMPLE"] in message.segments
        assert (deadline.step, deadline.expects) == (f"order:{order.pk}", "814_05")
        # Monday 12:00 + 1 h, two days for the TDSP, one for ERCOT: Thursday 17:00 in Texas.
        assert deadline.due_at == dt.datetime(2026, 6, 4, 22, 0, tzinfo=dt.UTC)


class TestSwitch:
    def test_is_completed_by_its_answers(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))

        made.receive(made.scheduled(order.reference))
        made.read("867_04", original=order.reference)

        order.refresh_from_db()
        told = OutboxEvent.objects.filter(event_type__startswith="market.").order_by("pk")
        events = [event.event_type for event in told]
        assert (order.state, order.is_open) == ("completed", False)
        assert (order.scheduled_date, order.effective_date) == (made.DAY, made.DAY)
        assert order.service_point["read_cycle"] == "17"
        assert events == [
            "market.message-queued.v1",
            "market.enrollment-accepted.v1",
            "market.enrollment-completed.v1",
        ]
        assert Deadline.objects.filter(state="open").count() == 0
        assert WorkItem.objects.count() == 0

    def test_is_closed_by_a_refusal_that_names_what_to_do(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))

        made.receive(made.not_scheduled(order.reference, "SHF"))

        order.refresh_from_db()
        item = WorkItem.objects.get()
        event = OutboxEvent.objects.get(event_type="market.enrollment-rejected.v1")
        assert order.state == "rejected"
        assert event.payload["reason_codes"] == ["SHF"]
        assert (item.kind, item.title) == (
            "order-rejected",
            f"switch of ESI ID {made.ESI_ID} is refused",
        )
        assert "TEXT OF SHF" in item.text
        assert "Next: " in item.text

    def test_stays_open_where_only_a_duplicate_is_refused(self) -> None:
        order = made.switch()

        outcome = made.receive(made.switch_reject(order.reference, "DUP"))

        order.refresh_from_db()
        assert (order.state, outcome.state, outcome.code) == ("sent", "applied", "noted")
        assert Order.objects.count() == 1
