"""What an order settles that other processes of its service point were waiting for."""

from __future__ import annotations

from ossrep.market.models import Order, OrderStep, WorkItem, WorkItemState
from ossrep.market.usecases.orders.apply import apply_command
from ossrep.market.usecases.orders.effects import Happening
from ossrep.market.usecases.work_items import resolve_by_key

MOVE_OUT_ITEMS = ("move-out-draft", "transition-move-out")


def settle_owed_move_out(order: Order, step: OrderStep, happening: Happening) -> None:
    """The move-out that a termination or a transition obliged us to has been sent."""
    _command(order, "suspension", "terminated", ["move-out sent"], happening)
    items = WorkItem.objects.filter(
        kind__in=MOVE_OUT_ITEMS, esi_id=order.esi_id, state=WorkItemState.OPEN
    )
    for kind, key in items.values_list("kind", "key"):
        resolve_by_key(
            kind=kind, key=key, resolution=f"sent as {order.reference}", now=happening.now
        )


def settle_owed_move_in(order: Order, step: OrderStep, happening: Happening) -> None:
    """The move-in for a premises without a retailer has been sent."""
    _command(order, "left_in_hot", "listed", ["claim", "move-in sent"], happening)
    _command(order, "left_in_hot", "claimed", ["move-in sent"], happening)


def end_disconnects(order: Order, step: OrderStep, happening: Happening) -> None:
    """A service point that has left us is not reconnected by us any more."""
    _command(order, "disconnect", "disconnected", ["gone"], happening)


def _command(order: Order, kind: str, state: str, names: list[str], happening: Happening) -> None:
    found = Order.objects.filter(kind=kind, esi_id=order.esi_id, state=state)
    for order_id in found.order_by("pk").values_list("pk", flat=True):
        for name in names:
            apply_command(order_id=order_id, name=name, now=happening.now)
