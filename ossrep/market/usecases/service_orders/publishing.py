"""What billing is told of disconnects and reconnects."""

from __future__ import annotations

import datetime as dt

from ossrep.market.models import Order
from ossrep.market.usecases.orders.effects import Happening
from ossrep.published.market import DisconnectCompleted, DisconnectRefused, ReconnectCompleted

PAID = "own-paid"
"""Our own code for a disconnect that was not worked because the debt was paid."""


def disconnect_completed(order: Order, happening: Happening) -> DisconnectCompleted | None:
    """TX SET 650_02 ``51`` on a disconnect."""
    if not order.wish:
        return None
    return DisconnectCompleted(
        disconnect_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        completed_at=completed_at(order, happening),
    )


def disconnect_refused(order: Order, happening: Happening) -> DisconnectRefused | None:
    """Our own checks, a reject, what could not be executed, or a payment before the work."""
    if not order.wish:
        return None
    reasons = _reasons(order, happening)
    return DisconnectRefused(
        disconnect_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        reason_codes=tuple(code for code, _ in reasons),
        reason_text="; ".join(f"{code} {text}".strip() for code, text in reasons),
    )


def reconnect_completed(order: Order, happening: Happening) -> ReconnectCompleted | None:
    """TX SET 650_02 ``51`` on a reconnect; told again once a disconnect is confirmed after it."""
    if not order.wish:
        return None
    done = order
    if order.kind == "disconnect":
        about = Order.objects.filter(target=order, kind="reconnect", state="reconnected")
        done = about.order_by("-pk").first() or order
    return ReconnectCompleted(
        disconnect_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=done.reference,
        completed_at=completed_at(done, happening),
    )


def completed_at(order: Order, happening: Happening) -> dt.datetime:
    """When the work of an order was done, as the TDSP said."""
    text = order.request.get("completed_at")
    return happening.now if text is None else dt.datetime.fromisoformat(text)


def _reasons(order: Order, happening: Happening) -> list[tuple[str, str]]:
    arrived = happening.arrived
    if arrived is not None and arrived.reasons:
        return [(reason.code, reason.text) for reason in arrived.reasons]
    own = happening.data.get("refusals")
    if own:
        return [(refusal["code"], refusal["text"]) for refusal in own]
    if order.state == "cancelled":
        return [(PAID, "paid before the work")]
    return [("", "no reason was given")]
