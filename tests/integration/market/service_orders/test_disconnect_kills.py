"""Killed at any statement, a disconnect is sent whole or not at all, and sent by the next try."""

from __future__ import annotations

from ossrep.market.models import Deadline, Order, OrderStep, OutboundMessage
from tests.factories import market_service_orders as made
from tests.factories.market_orders import add_identity
from tests.integration.billing.faults import FaultAt, die, fork, settle, wait

PLACES_MAX = 400


def _esi_id(place: int) -> str:
    return f"1044372{place:010d}"


def _send(place: int) -> None:
    made.disconnect(disconnect_id=f"D{place}", esi_id=_esi_id(place))


def _parts(place: int) -> tuple[int, int, int, int]:
    order = Order.objects.filter(wish_id=f"D{place}").first()
    if order is None:
        return (0, 0, 0, OutboundMessage.objects.filter(esi_id=_esi_id(place)).count())
    return (
        1 if order.state == "sent" else 0,
        OrderStep.objects.filter(order=order).count(),
        Deadline.objects.filter(order_id=order.pk).count(),
        OutboundMessage.objects.filter(reference=order.reference).count(),
    )


class TestKillAtEveryStatement:
    def test_leaves_a_disconnect_whole_or_not_there(self, fresh_database: str) -> None:
        add_identity()
        seen = set()
        for place in range(PLACES_MAX):
            fault = FaultAt(place, die)
            child = fork(lambda n=place: _send(n), before=fault.arm)  # type: ignore[misc]
            status = wait(child)
            settle(fresh_database)
            parts = _parts(place)
            seen.add(parts)
            assert parts in {(0, 0, 0, 0), (1, 1, 1, 1)}, place
            _send(place)
            assert _parts(place) == (1, 1, 1, 1), place
            if status == 0:
                break

        assert place < PLACES_MAX - 1, "the work never ended by itself"
        assert seen == {(0, 0, 0, 0), (1, 1, 1, 1)}
