"""Orders and their answers as files of X12, through the mailroom."""

from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.writing import write_transaction
from ossrep.market.models import (
    Channel,
    InboundOutcome,
    Order,
    OrderStep,
    OutboundMessage,
    ParkedSet,
)
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.storing import store_file
from tests.factories import market_orders as made
from tests.factories.market_mail import mail, register

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _partners() -> None:
    register()


def come(number: int, *transactions: Transaction) -> None:
    data = mail(*[write_transaction(one) for one in transactions], number=number)
    channel = Channel.objects.get(code="hand")
    store_file(name=f"{number}.edi", data=data, channel=channel, now=made.NOON)
    list(process_files(now=made.NOON))


def outcomes() -> list[tuple[str, str, str]]:
    rows = InboundOutcome.objects.order_by("pk")
    return list(rows.values_list("inbound_set__kind", "state", "code"))


class TestAnswersInFiles:
    def test_move_the_order(self) -> None:
        order = made.switch()

        come(1, made.scheduled(order.reference, has_switch_hold=True))

        order.refresh_from_db()
        step = OrderStep.objects.get(order=order, number=2)
        assert (order.state, order.scheduled_date) == ("scheduled", made.DAY)
        assert order.service_point["meter_numbers"] == ["100000001LG"]
        assert order.service_point["has_switch_hold"] is True
        assert step.inbound_set_id is not None
        assert outcomes() == [("814_05", "applied", "moved")]

    def test_are_parked_where_nobody_asked(self) -> None:
        come(1, made.scheduled("NOBODYS"))

        assert outcomes() == [("814_05", "parked", "no_order")]
        assert ParkedSet.objects.get().settled_at is None

    def test_that_came_too_early_are_applied_with_what_they_follow(self) -> None:
        come(1, made.moved("OTHERSWITCH1", dt.date(2026, 6, 15), "202606020900"))
        come(2, made.loss("OTHERSWITCH1"))

        order = Order.objects.get()
        assert (order.kind, order.state) == ("loss", "losing")
        assert order.scheduled_date == dt.date(2026, 6, 15)
        assert ParkedSet.objects.get().settled_at is not None
        assert outcomes()[-1][:2] == ("814_12", "applied")

    def test_of_the_same_number_in_another_envelope_have_one_effect(self) -> None:
        order = made.switch()
        answer = made.scheduled(order.reference)

        come(1, answer)
        come(2, answer)

        assert OrderStep.objects.filter(order=order).count() == 2


class TestRequestsInFiles:
    @pytest.mark.parametrize("kind", ["814_01", "814_16", "814_24"])
    def test_can_be_read_back(self, kind: str) -> None:
        start = {"814_01": made.switch, "814_16": made.move_in, "814_24": made.move_out}[kind]

        order = start()

        message = OutboundMessage.objects.get()
        assert (message.kind, message.reference, message.esi_id) == (
            kind,
            order.reference,
            made.ESI_ID,
        )
