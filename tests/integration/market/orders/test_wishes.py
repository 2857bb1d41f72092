"""What customers ask for, by event, each delivered twice."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from ossrep.kernel import clock
from ossrep.kernel.events import Event, EventEnvelope, to_payload
from ossrep.market.consumers import HANDLERS
from ossrep.market.models import Order, OutboundMessage, OutboxEvent, WorkItem
from ossrep.published.customer import (
    Address,
    EnrollmentCancelRequested,
    EnrollmentDateChangeRequested,
    EnrollmentSubmitted,
    MoveOutRequested,
)
from tests.factories import market_orders as made

pytestmark = pytest.mark.django_db(databases="__all__")


def soon(days: int = 10) -> dt.date:
    return clock.market_today() + dt.timedelta(days=days)


def deliver(event: Event) -> None:
    envelope = EventEnvelope(
        event_id=uuid4(),
        event_type=event.event_type,
        aggregate_type=event.aggregate_type,
        aggregate_id=event.aggregate_id,
        incarnation=1,
        seq=1,
        payload={**to_payload(event), "added_later": 1},
        headers={},
    )
    for _ in range(2):
        HANDLERS[event.event_type](envelope)


def enrollment(kind: str, date: dt.date | None, zip_code: str = "75001") -> EnrollmentSubmitted:
    return EnrollmentSubmitted(
        enrollment_id="E1",
        kind=kind,
        brand_id=1,
        account_number="A100",
        esi_id=made.ESI_ID,
        tdsp_code="ONCOR_ELEC",
        zip_code=zip_code,
        wanted_date=date,
        is_priority=False,
        customer_name="Jané Sample",
        contact_name="",
        contact_phone="214 555 0100",
        service_address=Address("100 Main St", "", "Dallas", "TX", "75001"),
        has_special_needs=True,
        wants_usage_history=True,
    )


@pytest.fixture(autouse=True)
def _identity() -> None:
    made.add_identity()


class TestEnrollmentSubmitted:
    def test_becomes_a_switch_once(self) -> None:
        deliver(enrollment("switch", None))

        order = Order.objects.get()
        message = OutboundMessage.objects.get()
        assert (order.kind, order.wish, order.wish_id) == ("switch", "enrollment", "E1")
        assert (message.kind, message.partner.code) == ("814_01", "ERCOT")
        assert ["REF", "SU", "Y"] in [segment[:3] for segment in message.segments]
        assert any("HU" in segment for segment in message.segments if segment[0] == "LIN")

    def test_becomes_a_move_in_on_the_day(self) -> None:
        deliver(enrollment("move_in", soon()))

        order = Order.objects.get()
        assert (order.kind, order.requested_date) == ("move_in", soon())

    @pytest.mark.parametrize(
        ("event", "why"),
        [
            (enrollment("switch", None, zip_code="7"), "zip_code: '7' is not a ZIP code"),
            (enrollment("move_in", None), "kind: 'move_in' on None is no switch"),
            (enrollment("gift", None), "kind: 'gift' on None is no switch"),
        ],
        ids=["zip", "day", "kind"],
    )
    def test_is_told_back_where_it_must_not_be_sent(
        self, event: EnrollmentSubmitted, why: str
    ) -> None:
        HANDLERS[event.event_type](
            EventEnvelope(
                event_id=uuid4(),
                event_type=event.event_type,
                aggregate_type=event.aggregate_type,
                aggregate_id=event.aggregate_id,
                incarnation=1,
                seq=1,
                payload=to_payload(event),
                headers={},
            )
        )

        told = OutboxEvent.objects.get()
        item = WorkItem.objects.get()
        assert (told.event_type, told.payload["reason_codes"]) == (
            "market.enrollment-rejected.v1",
            ["not_sent"],
        )
        assert told.payload["reason_text"].startswith(why)
        assert (item.kind, item.title) == (
            "enrollment-not-sent",
            f"Not sent: {event.kind.replace('_', '-')} of account A100",
        )
        assert (Order.objects.count(), OutboundMessage.objects.count()) == (0, 0)


class TestEnrollmentCancelRequested:
    def test_cancels_the_order_once(self) -> None:
        deliver(enrollment("switch", None))

        deliver(EnrollmentCancelRequested(enrollment_id="E1", esi_id=made.ESI_ID, reason="moved"))

        cancel = Order.objects.get(kind="cancel")
        assert (cancel.state, cancel.request) == ("sent", {"reason": "B40", "text": "MOVED"})

    def test_has_nothing_to_do_for_what_was_never_sent(self) -> None:
        deliver(EnrollmentCancelRequested(enrollment_id="E9", esi_id=made.ESI_ID, reason=""))

        assert (Order.objects.count(), WorkItem.objects.count()) == (0, 0)

    def test_is_for_a_person_once_service_has_begun(self) -> None:
        deliver(enrollment("switch", None))
        order = Order.objects.get()
        made.receive(made.scheduled(order.reference))
        made.read("867_04", original=order.reference)

        deliver(EnrollmentCancelRequested(enrollment_id="E1", esi_id=made.ESI_ID, reason=""))

        item = WorkItem.objects.get()
        assert (item.kind, item.order_id) == ("cancel-not-sent", order.pk)


class TestEnrollmentDateChangeRequested:
    def test_moves_a_move_in_once(self) -> None:
        deliver(enrollment("move_in", soon()))

        deliver(
            EnrollmentDateChangeRequested(
                enrollment_id="E1", esi_id=made.ESI_ID, wanted_date=soon(20)
            )
        )

        change = Order.objects.get(kind="date_change")
        assert (change.state, change.requested_date) == ("sent", soon(20))

    def test_is_for_a_person_where_it_is_a_switch(self) -> None:
        deliver(enrollment("switch", None))

        deliver(
            EnrollmentDateChangeRequested(
                enrollment_id="E1", esi_id=made.ESI_ID, wanted_date=soon(20)
            )
        )

        assert WorkItem.objects.get().kind == "date-change-not-sent"
        assert Order.objects.count() == 1


class TestMoveOutRequested:
    def test_becomes_a_move_out_once(self) -> None:
        deliver(move_out(soon()))

        order = Order.objects.get()
        assert (order.kind, order.wish_id, order.requested_date) == ("move_out", "M1", soon())

    def test_is_told_back_where_it_must_not_be_sent(self) -> None:
        deliver(move_out(soon(91)))

        events = [event.event_type for event in OutboxEvent.objects.all()]
        assert set(events) == {"market.move-out-rejected.v1"}
        assert WorkItem.objects.get().kind == "move-out-not-sent"


def move_out(date: dt.date) -> MoveOutRequested:
    return MoveOutRequested(
        move_out_id="M1",
        contract_id=1,
        account_number="A100",
        brand_id=1,
        esi_id=made.ESI_ID,
        tdsp_code="ONCOR_ELEC",
        wanted_date=date,
        contact_name="Jane Sample",
        contact_phone="",
    )
