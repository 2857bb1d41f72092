"""How the effects of the process tables are carried out, by verb; other processes add theirs.

``send``, ``publish`` and ``call`` are found by name in ``SENDERS``, ``PUBLISHERS`` and
``CALLS``: import paths, so that each part of the market stands by itself. All run inside the
transaction of the step.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ossrep.infra.outbox import append
from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import Event
from ossrep.kernel.market_time import local_midnight
from ossrep.market.domain.order_rules import get_expected_answer
from ossrep.market.domain.processes.engine import Effect
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.models import Order, OrderStep, OutboundMessage, QueuedMessage
from ossrep.market.usecases.deadlines import cancel_deadline, meet_deadline, start_deadline
from ossrep.market.usecases.interchange.outbound import queue_message
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.points import take_service_point
from ossrep.market.usecases.orders.work import ask_for, money_at_risk

REQUEST = "ossrep.market.usecases.orders.requests"
EVENTS = "ossrep.market.usecases.orders.publishing"
SERVICE = "ossrep.market.usecases.service_orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What happened to an order: the trigger, the message where it is one, who commanded it."""

    trigger: str
    now: dt.datetime
    arrived: Arrived | None = None
    facts: frozenset[str] = frozenset()
    by: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Sender = Callable[[Order, Happening], Transaction]
"""Makes the transaction that an order sends; its reference is the order's."""

Publisher = Callable[[Order, Happening], Event | None]
"""Makes the event of an order; None where nobody asked for the order from outside."""

Call = Callable[[Order, OrderStep, Happening], None]
"""Hands what happened to another part of the market."""

SENDERS: dict[str, str] = {
    "814_01": f"{REQUEST}:switch_request",
    "814_16": f"{REQUEST}:move_in_request",
    "814_24": f"{REQUEST}:move_out_request",
    "814_08": f"{REQUEST}:cancel_request",
    "814_12": f"{REQUEST}:date_change_request",
    "814_18": f"{REQUEST}:csa_request",
    "650_01": f"{SERVICE}.messages:service_order",
    "650_01 cancel": f"{SERVICE}.messages:service_order_cancel",
    "650_05": f"{SERVICE}.messages:outage_reject",
    "814_26": f"{SERVICE}.messages:history_request",
    "814_PC": f"{REQUEST}:customer_information",
}
"""Kind of transaction to the import path of its ``Sender``."""

PUBLISHERS: dict[str, str] = {
    "enrollment-accepted": f"{EVENTS}:enrollment_accepted",
    "enrollment-rejected": f"{EVENTS}:enrollment_rejected",
    "enrollment-permit-pending": f"{EVENTS}:enrollment_permit_pending",
    "enrollment-completed": f"{EVENTS}:enrollment_completed",
    "enrollment-cancelled": f"{EVENTS}:enrollment_cancelled",
    "contract-lost": f"{EVENTS}:contract_lost",
    "move-out-scheduled": f"{EVENTS}:move_out_scheduled",
    "move-out-rejected": f"{EVENTS}:move_out_rejected",
    "move-out-completed": f"{EVENTS}:move_out_completed",
    "disconnect-completed": f"{SERVICE}.publishing:disconnect_completed",
    "disconnect-refused": f"{SERVICE}.publishing:disconnect_refused",
    "reconnect-completed": f"{SERVICE}.publishing:reconnect_completed",
}
"""Name of an event to the import path of its ``Publisher``."""

CALLS: dict[str, str] = {
    "completion": f"{SERVICE}.calls:keep_completion",
    "reconnect": f"{SERVICE}.calls:reconnect_again",
    "switch hold": f"{SERVICE}.calls:note_switch_hold",
    "dates": f"{SERVICE}.calls:keep_dates",
    "move-out draft": f"{SERVICE}.calls:draft_move_out",
    "pending move-out": f"{SERVICE}.calls:ask_for_pending_move_out",
    "agreed date": f"{SERVICE}.calls:keep_agreed_date",
    "owed move-out": f"{SERVICE}.owed:settle_owed_move_out",
    "owed move-in": f"{SERVICE}.owed:settle_owed_move_in",
    "service over": f"{SERVICE}.owed:end_disconnects",
    "start again": "ossrep.market.usecases.orders.changing:start_again",
}
"""What is called to the import path of its ``Call``."""


class UnknownEffect(DomainError):
    """A process table asks for something that nobody does."""

    code = "unknown_effect"


def carry_out(
    *, order: Order, step: OrderStep, effects: Sequence[Effect], happening: Happening
) -> str | None:
    """Does the effects of a step in order; gives the trigger that the order's target is told.

    The order is changed, not saved. Events are appended last: their streams stay locked until
    the end. Raises UnknownEffect.
    """
    told: str | None = None
    events: list[Event] = []
    for effect in effects:
        match effect.verb:
            case "take":
                _take(order, effect.what, happening)
            case "expect":
                _expect(order, effect.what, happening.now)
            case "meet":
                meet_deadline(step=deadline_step(order), at=happening.now, expects=effect.what)
            case "send":
                _send(order, step, effect.what, happening)
            case "work_item":
                ask_for(kind=effect.what, order=order, step=step, happening=happening)
            case "call":
                find_call(name=effect.what)(order, step, happening)
            case "publish":
                event = find_publisher(name=effect.what)(order, happening)
                events += [event] if event is not None else []
            case "tell":
                told = effect.what
    if not order.is_open:
        cancel_deadline(step=deadline_step(order), at=happening.now)
    for event in events:
        append(context="market", event=event)
    return told


def deadline_step(order: Order) -> str:
    """The name under which deadlines of an order run."""
    return f"order:{order.pk}"


def find_sender(*, kind: str) -> Sender:
    """The sender of a kind. Raises UnknownEffect."""
    sender: Sender = _find(SENDERS, kind, "sends")
    return sender


def find_publisher(*, name: str) -> Publisher:
    """The publisher of an event. Raises UnknownEffect."""
    publisher: Publisher = _find(PUBLISHERS, name, "publishes")
    return publisher


def find_call(*, name: str) -> Call:
    """What is called by a name. Raises UnknownEffect."""
    call: Call = _find(CALLS, name, "takes")
    return call


def _find(table: Mapping[str, str], name: str, does: str) -> Any:
    if name not in table:
        raise UnknownEffect(f"nothing {does} {name}: add it to usecases/orders/effects.py")
    module, _, function = table[name].partition(":")
    return getattr(importlib.import_module(module), function)


def _send(order: Order, step: OrderStep, kind: str, happening: Happening) -> None:
    sent = OutboundMessage.objects.filter(kind=kind, reference=order.reference).first()
    if sent is not None:
        # A number is never used for another message: the same one goes out again.
        QueuedMessage.objects.get_or_create(message=sent, defaults={"partner": sent.partner})
        return
    transaction = find_sender(kind=kind)(order, happening)
    queue_message(
        transaction=transaction, partner=order.partner, now=happening.now, step_id=step.pk
    )


def _expect(order: Order, answer: str, now: dt.datetime) -> None:
    expected = get_expected_answer(
        process=order.kind, answer=answer, is_priority=bool(order.request.get("is_priority"))
    )
    start_deadline(
        step=deadline_step(order),
        expects=answer,
        hops=expected.hops,
        started_at=_counted_from(order, expected.counts_from, now),
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        reference=order.reference,
        order_id=order.pk,
        money_at_risk_usd=money_at_risk(order),
    )


def _counted_from(order: Order, counts_from: str, now: dt.datetime) -> dt.datetime:
    if counts_from == "now":
        return now
    if counts_from.startswith("request."):
        text = order.request.get(counts_from.removeprefix("request."))
        return now if not text else local_midnight(dt.date.fromisoformat(text))
    date: dt.date | None = getattr(order, counts_from)
    return now if date is None else local_midnight(date)


def _take(order: Order, what: str, happening: Happening) -> None:
    arrived = happening.arrived
    if arrived is None:
        return
    match what:
        case "scheduled date":
            # An accepted change holds even before an older answer (RMG 11.2.5.4).
            if not order.counter or order.scheduled_date is None:
                order.scheduled_date = arrived.date or order.scheduled_date
        case "changed date":
            order.scheduled_date = arrived.date or order.scheduled_date
            order.counter = max(order.counter, arrived.counter)
        case "requested date":
            order.requested_date = arrived.date or order.requested_date
        case "effective date":
            order.effective_date = arrived.date or order.scheduled_date
        case "service point":
            take_service_point(order=order, arrived=arrived)
        case "changed dates":
            order.scheduled_date = arrived.date or order.scheduled_date
            order.request = {**order.request, "end_date": _iso(arrived.end_date)}
        case _:
            raise UnknownEffect(f"nothing takes the {what} of a message")


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
