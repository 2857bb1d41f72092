"""What happens to an order: the table decides, a step keeps it, effects are carried out.

Every function works inside the caller's transaction, or opens one. An order is locked before it
is looked at; of two orders the target before the one about it, so that nobody waits in a circle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from typing import Any

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.order_rules import attempts_max, find_code_facts
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.engine import Decision, command, decide
from ossrep.market.models import Order, OrderStep
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.effects import Happening, carry_out
from ossrep.market.usecases.orders.waiting import let_wait, settle, take_waiting
from ossrep.market.usecases.work_items import open_work_item

TARGET_CLOSED = command("target closed")
NEW_NUMBER = "new number"
ABOUT_MAX = 1000


class CommandRefused(DomainError):
    """What is commanded cannot be done to the order as it stands."""

    code = "order_command_refused"


def lock_order(*, order_id: int) -> Order:
    """The order, locked; its target, where it has one, before it."""
    target_id = Order.objects.values_list("target_id", flat=True).get(pk=order_id)
    ids = [target_id, order_id] if target_id else [order_id]
    locked = [Order.objects.select_for_update().get(pk=pk) for pk in ids]
    return locked[-1]


def apply_message(*, order_id: int, arrived: Arrived, now: dt.datetime) -> Decision:
    """What a message does to an order; the same number of the same kind has one effect.

    ``waits``: it is kept until its turn (``WaitingMessage``); ``unexpected``: it contradicts the
    order as it stands, is on record and a work item.
    """
    with transaction():
        order = lock_order(order_id=order_id)
        if _has_step(order, arrived.trigger, arrived.reference):
            return Decision(verdict="noted", state=order.state)
        return _apply_arrived(order, arrived, now)


def apply_command(
    *,
    order_id: int,
    name: str,
    now: dt.datetime,
    by: str = "",
    data: Mapping[str, Any] | None = None,
) -> Decision:
    """What a command of ours does. Raises CommandRefused where the state has no row for it."""
    with transaction():
        order = lock_order(order_id=order_id)
        trigger = command(name)
        decision = decide(PROCESSES[order.kind], state=order.state, trigger=trigger)
        if decision.verdict != "moved":
            meaning = PROCESSES[order.kind].states[order.state]
            raise CommandRefused(
                f"is {order.state} ({meaning}), which does not allow: {name}", where=str(order)
            )
        happening = Happening(trigger=trigger, now=now, by=by, data=data or {})
        _record_and_act(order, decision, happening)
        return decision


def apply_trigger(
    *, order: Order, trigger: str, arrived: Arrived | None, now: dt.datetime
) -> Decision:
    """Passes a trigger on to a locked order: what another order told it, or a deadline."""
    facts = find_facts(order=order, arrived=arrived)
    decision = decide(PROCESSES[order.kind], state=order.state, trigger=trigger, facts=facts)
    happening = Happening(trigger=trigger, now=now, arrived=arrived, facts=facts)
    _record_and_act(order, decision, happening)
    return decision


def find_facts(*, order: Order, arrived: Arrived | None) -> frozenset[str]:
    """What is true of a message and its order: names that the process tables ask for."""
    if arrived is None:
        return frozenset()
    facts = set(find_code_facts(codes=arrived.reason_codes))
    if order.attempt >= attempts_max():
        facts.discard(NEW_NUMBER)
    if order.effective_date is not None and arrived.date != order.effective_date:
        facts.add("other date")
    held = order.target.counter if order.target is not None else order.counter
    if (arrived.counter or order.counter) > held or not held:
        facts.add("highest counter")
    return frozenset(facts)


def _apply_arrived(order: Order, arrived: Arrived, now: dt.datetime) -> Decision:
    facts = find_facts(order=order, arrived=arrived)
    decision = decide(
        PROCESSES[order.kind], state=order.state, trigger=arrived.trigger, facts=facts
    )
    if decision.verdict == "waits":
        let_wait(arrived=arrived, order=order, now=now)
        return decision
    happening = Happening(trigger=arrived.trigger, now=now, arrived=arrived, facts=facts)
    _record_and_act(order, decision, happening)
    return decision


def _has_step(order: Order, trigger: str, reference: str) -> bool:
    steps = OrderStep.objects.filter(order=order, trigger=trigger, reference=reference)
    return bool(reference) and steps.exists()


def _record_and_act(order: Order, decision: Decision, happening: Happening) -> None:
    step = _record(order, decision, happening)
    process = PROCESSES[order.kind]
    was_open = order.is_open
    order.state = decision.state
    order.is_open = decision.state not in process.final
    order.changed_at = happening.now
    told = carry_out(order=order, step=step, effects=decision.effects, happening=happening)
    order.save()
    if decision.verdict == "unexpected":
        _ask_about_unexpected(order, step, happening)
    if told is not None:
        _tell_target(order, told, happening)
    if was_open and not order.is_open:
        _close_about(order, happening.now)
    if decision.verdict == "moved":
        _retry_waiting(order, happening.now)


def _record(order: Order, decision: Decision, happening: Happening) -> OrderStep:
    arrived = happening.arrived
    number = OrderStep.objects.filter(order=order).count() + 1
    return OrderStep.objects.create(
        order=order,
        number=number,
        trigger=happening.trigger,
        verdict=decision.verdict,
        from_state=order.state,
        to_state=decision.state,
        reference=arrived.reference if arrived else "",
        inbound_set_id=arrived.inbound_set_id if arrived else None,
        facts=sorted(happening.facts),
        effects=[str(effect) for effect in decision.effects],
        data=arrived.to_json() if arrived else dict(happening.data),
        by=happening.by,
        happened_at=happening.now,
    )


def _tell_target(order: Order, trigger: str, happening: Happening) -> None:
    """What a cancel or a change achieved is heard by the order that it was about."""
    assert order.target_id is not None
    target = Order.objects.select_for_update().get(pk=order.target_id)
    arrived = happening.arrived
    if arrived is not None and not arrived.counter and order.counter:
        arrived = _with_request(arrived, order)
    apply_trigger(order=target, trigger=trigger, arrived=arrived, now=happening.now)


def _with_request(arrived: Arrived, change: Order) -> Arrived:
    """An answer that does not repeat counter and date means those of the change that it answers."""
    import dataclasses

    return dataclasses.replace(
        arrived, counter=change.counter, date=arrived.date or change.requested_date
    )


def _close_about(order: Order, now: dt.datetime) -> None:
    """Nobody waits any more for the answer to a cancel of what is closed."""
    about = Order.objects.select_for_update().filter(target=order, is_open=True).order_by("pk")
    for other in about[:ABOUT_MAX]:
        if PROCESSES[other.kind].allows(state=other.state, trigger=TARGET_CLOSED):
            apply_trigger(order=other, trigger=TARGET_CLOSED, arrived=None, now=now)


def _retry_waiting(order: Order, now: dt.datetime) -> None:
    """Messages of this order whose turn may have come, in the order they arrived."""
    for waiting in take_waiting(order=order):
        arrived = Arrived.from_json(waiting.data)
        facts: Set[str] = find_facts(order=order, arrived=arrived)
        decision = decide(
            PROCESSES[order.kind], state=order.state, trigger=arrived.trigger, facts=facts
        )
        if decision.verdict == "waits":
            continue
        is_odd = decision.verdict == "unexpected"
        settle(waiting, "unexpected" if is_odd else "applied", now)
        if not _has_step(order, arrived.trigger, arrived.reference):
            _apply_arrived(order, arrived, now)
        return  # the move that this made has tried the others again


def _ask_about_unexpected(order: Order, step: OrderStep, happening: Happening) -> None:
    arrived = happening.arrived
    said = f" ({arrived.reason_text})" if arrived and arrived.reasons else ""
    meaning = PROCESSES[order.kind].states[order.state]
    open_work_item(
        kind="unexpected-message",
        key=f"order-step:{step.pk}",
        title=f"{happening.trigger} contradicts {order}",
        text=(
            f"{happening.trigger}{said} came for {order}, which is {order.state}: {meaning}. "
            "Nothing was changed. Find out at ERCOT (find transactions by ESI ID) which of the "
            "two is right; then start, cancel or correct the order by hand."
        ),
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        order_id=order.pk,
        inbound_set_id=arrived.inbound_set_id if arrived else None,
        reference=order.reference,
        now=happening.now,
    )
