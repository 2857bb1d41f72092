"""Two messages about one order in two transactions at once: one follows the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from ossrep.infra.invariants import assert_invariants
from ossrep.market.db import ALIAS, connection, transaction
from ossrep.market.models import Deadline, Order, OrderStep, OutboxEvent
from ossrep.market.usecases.orders.apply import lock_order
from ossrep.market.usecases.orders.changing import cancel_order, change_date
from tests.factories import market_orders as made

LATER = dt.date(2026, 6, 15)
SECONDS_MAX = 30

Act = Callable[[], object]


def at_once(order: Order, *acts: Act) -> list[str]:
    """Lets the acts wait for the order's lock together, then go; their errors by class name."""

    def run(act: Act) -> str:
        try:
            with transaction():
                act()
        except Exception as error:
            return type(error).__name__
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction():
            lock_order(order_id=order.pk)
            running = [pool.submit(run, act) for act in acts]
            _wait_until_blocked(len(acts))
        return [each.result(timeout=SECONDS_MAX) for each in running]


def _wait_until_blocked(count: int) -> None:
    """Until so many backends wait for a lock: no guess with a sleep."""
    for _ in range(2_000):
        with connection().cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("they do not wait for the order")


@pytest.mark.usefixtures("fresh_database")
class TestTwoMessagesAtOnce:
    def test_of_one_number_have_one_effect(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))
        answer = made.scheduled(order.reference)

        errors = at_once(order, lambda: made.receive(answer), lambda: made.receive(answer))

        order.refresh_from_db()
        assert errors == ["", ""]
        assert (order.state, OrderStep.objects.filter(order=order).count()) == ("scheduled", 2)
        assert OutboxEvent.objects.filter(event_type__contains="accepted").count() == 1
        assert_invariants(contexts=[ALIAS])

    def test_of_which_one_comes_too_early_both_have_their_effect(self) -> None:
        order = made.switch(wish=made.wish("enrollment", "E1"))
        answer = made.scheduled(order.reference)

        errors = at_once(
            order,
            lambda: made.read("867_04", original=order.reference, reference="READ1"),
            lambda: made.receive(answer),
        )

        order.refresh_from_db()
        assert errors == ["", ""]
        assert (order.state, order.effective_date) == ("completed", made.DAY)
        assert set(Deadline.objects.values_list("state", flat=True)) == {"met"}

    def test_of_an_order_and_of_the_cancel_about_it_wait_in_no_circle(self) -> None:
        order = made.move_in(wish=made.wish("enrollment", "E1"))
        made.receive(made.scheduled(order.reference))
        cancel = Order.objects.get(pk=cancel_order(order_id=order.pk, reason="B40", now=made.NOON))

        errors = at_once(
            order,
            lambda: made.receive(made.cancel_answer(cancel.reference, "WQ", "B40")),
            lambda: made.receive(made.ercot_cancel(order.reference, "CCA")),
        )

        order.refresh_from_db()
        assert errors == ["", ""]
        assert (order.state, order.is_open) == ("cancelled", False)
        assert OutboxEvent.objects.filter(event_type__contains="cancelled").count() == 1
        assert Order.objects.get(pk=cancel.pk).state in ("accepted", "overtaken")

    def test_of_which_one_cancels_and_one_moves_the_order_end_in_one_state(self) -> None:
        order = made.move_in(wish=made.wish("enrollment", "E1"))
        made.receive(made.scheduled(order.reference))
        change = Order.objects.get(pk=change_date(order_id=order.pk, date=LATER, now=made.NOON))
        moved = made.change_answer(order.reference, "WQ", date=LATER, counter=change.counter)

        errors = at_once(
            order,
            lambda: made.receive(moved),
            lambda: made.receive(made.ercot_cancel(order.reference, "CCA")),
        )

        order.refresh_from_db()
        assert errors == ["", ""]
        assert order.state == "cancelled"
        assert Order.objects.get(pk=change.pk).is_open is False
