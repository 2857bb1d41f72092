"""Which order a message is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import Q

from ossrep.market.domain.processes import PROCESSES
from ossrep.market.models import Order, WaitingMessage
from ossrep.market.usecases.orders.apply import apply_message
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.waiting import settle

ORDERS_PER_MESSAGE_MAX = 50
WAITING_PER_POINT_MAX = 1000

ANSWERS_TO_CHANGES: Mapping[str, str] = {"814_09": "cancel", "814_13": "date_change"}
"""Answers that name either our request or the order that it was about (reference 1.7)."""

READS = ("867_04", "867_03")
"""Messages that may name no order; then the service point's open orders are meant."""

STATED_BY_POINT = ("814_18",)
"""Messages about whatever of ours stands at the service point."""


def find_orders(arrived: Arrived) -> Sequence[Order]:
    """The orders that a message is about, oldest first; more than one where we gain from ourselves.

    By the number it answers, at its ESI ID, among processes that know such a message at all.
    """
    kinds = [kind for kind, process in PROCESSES.items() if arrived.trigger in process.messages]
    orders = Order.objects.filter(esi_id=arrived.esi_id, kind__in=kinds)
    if arrived.kind in STATED_BY_POINT:
        return list(orders.filter(is_open=True).order_by("pk")[:ORDERS_PER_MESSAGE_MAX])
    if arrived.kind in ANSWERS_TO_CHANGES:
        return _find_changes(arrived, ANSWERS_TO_CHANGES[arrived.kind])
    if arrived.original_reference:
        named = Q(reference=arrived.original_reference)
        if arrived.kind == "867_03":
            # The final read of a force-off names the move-in that took its place (RMG 11.3.6).
            named |= Q(kind="move_out", state="force_off")
            # What was gained in error goes back by an order of the other retailer (RMG 7.3.2).
            named |= Q(kind__in=("inadvertent_gain", "rescission"), is_open=True)
        return list(orders.filter(named).order_by("pk")[:ORDERS_PER_MESSAGE_MAX])
    if arrived.kind in READS:
        return list(orders.filter(is_open=True).order_by("pk")[:ORDERS_PER_MESSAGE_MAX])
    return []


def adopt_waiting(*, order_id: int, now: dt.datetime) -> int:
    """Applies messages that waited for an order like this new one; how many those were."""
    order = Order.objects.get(pk=order_id)
    rows = WaitingMessage.objects.select_for_update().filter(
        esi_id=order.esi_id, order=None, state="waiting"
    )
    adopted = 0
    for waiting in rows.order_by("pk")[:WAITING_PER_POINT_MAX]:
        arrived = Arrived.from_json(waiting.data)
        if all(found.pk != order_id for found in find_orders(arrived)):
            continue
        adopted += 1
        waiting.order = order
        waiting.save(update_fields=["order"])
        decision = apply_message(order_id=order_id, arrived=arrived, now=now)
        if decision.verdict == "waits":
            continue
        is_odd = decision.verdict == "unexpected"
        settle(waiting, "unexpected" if is_odd else "applied", now)
    return adopted


def _find_changes(arrived: Arrived, kind: str) -> list[Order]:
    """By our request's own number; else by its order: with that counter or reason, or the open one.

    An answer echoes the counter of a date change and the reason of a cancel (RMG 11.2.5.8).
    """
    changes = Order.objects.filter(esi_id=arrived.esi_id, kind=kind)
    named = changes.filter(reference=arrived.original_reference).first()
    if named is not None:
        return [named]
    about = list(
        changes.filter(target__reference=arrived.original_reference).order_by("-is_open", "pk")[
            :ORDERS_PER_MESSAGE_MAX
        ]
    )
    echoed = [change for change in about if _echoes(arrived, change)]
    return (echoed or about)[:1]


def _echoes(arrived: Arrived, change: Order) -> bool:
    if change.kind == "date_change":
        return bool(arrived.counter) and arrived.counter == change.counter
    return change.request.get("reason") in arrived.reason_codes
