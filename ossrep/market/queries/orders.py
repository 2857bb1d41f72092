"""Orders as people look at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.market.domain.deadlines import local_text
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.models import Deadline, Order, OrderStep, WaitingMessage

ORDERS_MAX = 1000
STEPS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order in a list."""

    order_id: int
    reference: str
    kind: str
    state: str
    esi_id: str
    requested_date: dt.date | None
    scheduled_date: dt.date | None
    effective_date: dt.date | None
    wish: str
    wish_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step of an order's story; ``told`` are the reasons that came with it."""

    number: int
    trigger: str
    verdict: str
    to_state: str
    reference: str
    effects: tuple[str, ...]
    told: tuple[str, ...]
    happened_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    """An order with everything that happened; ``meaning`` says what its state means.

    ``expects`` are answers that are awaited, ``waiting`` messages that wait for their turn.
    """

    order: OrderLine
    meaning: str
    steps: tuple[StepLine, ...]
    expects: tuple[str, ...]
    waiting: tuple[str, ...]


def list_orders(
    *,
    esi_id: str = "",
    kind: str = "",
    state: str = "",
    is_open: bool | None = None,
    limit: int = 50,
) -> Sequence[OrderLine]:
    """Orders by what is given, newest first; at most ``ORDERS_MAX``."""
    wanted = {"esi_id": esi_id, "kind": kind, "state": state}
    orders = Order.objects.filter(**{name: value for name, value in wanted.items() if value})
    if is_open is not None:
        orders = orders.filter(is_open=is_open)
    return [_line(order) for order in orders.order_by("-pk")[: min(limit, ORDERS_MAX)]]


def get_order(*, order_id: int) -> OrderLine:
    """One order. Raises Order.DoesNotExist."""
    return _line(Order.objects.get(pk=order_id))


def get_order_story(*, order_id: int) -> OrderStory:
    """One order with its steps and what it waits for. Raises Order.DoesNotExist."""
    order = Order.objects.get(pk=order_id)
    steps = OrderStep.objects.filter(order=order).order_by("number")[:STEPS_MAX]
    deadlines = Deadline.objects.filter(order_id=order_id, state="open").order_by("due_at")
    waiting = WaitingMessage.objects.filter(order=order, state="waiting").order_by("pk")
    return OrderStory(
        order=_line(order),
        meaning=PROCESSES[order.kind].states[order.state],
        steps=tuple(_step(step) for step in steps),
        expects=tuple(f"{row.expects}, due {local_text(row.due_at)}" for row in deadlines),
        waiting=tuple(f"{row.trigger} {row.reference}" for row in waiting),
    )


def _line(order: Order) -> OrderLine:
    return OrderLine(
        order_id=order.pk,
        reference=order.reference,
        kind=order.kind,
        state=order.state,
        esi_id=order.esi_id,
        requested_date=order.requested_date,
        scheduled_date=order.scheduled_date,
        effective_date=order.effective_date,
        wish=order.wish,
        wish_id=order.wish_id,
    )


def _step(step: OrderStep) -> StepLine:
    return StepLine(
        number=step.number,
        trigger=step.trigger,
        verdict=step.verdict,
        to_state=step.to_state,
        reference=step.reference,
        effects=tuple(step.effects),
        told=tuple(_reasons(step.data)),
        happened_at=step.happened_at,
    )


def _reasons(data: Mapping[str, Any]) -> Iterator[str]:
    """Codes and texts of the market's reasons, or of our own refusals."""
    for reason in (*data.get("reasons", ()), *data.get("refusals", ())):
        yield f"{reason['code']} {reason['text']}".strip()
