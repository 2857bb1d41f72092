"""What process tables call: values kept in the order, the registry, further orders, drafts."""

from __future__ import annotations

from ossrep.market.domain.clocks import chain_due_at
from ossrep.market.domain.timing import get_hops
from ossrep.market.models import Order, OrderStep
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.orders.effects import Happening
from ossrep.market.usecases.service_orders.publishing import completed_at
from ossrep.market.usecases.service_points import apply_service_point_change
from ossrep.market.usecases.work_items import open_work_item

DRAFT = "move-out-draft"
_DRAFT_TEXT = (
    "The TDSP has removed the meter for good (650_04 R8, {reference}). Our 814_24 is owed within "
    "ten business days (RMG 7.12.2), dated {date}."
)
_PENDING_TEXT = (
    "The former retailer had a move-out for {date} on its way, which fell with the transition. "
    "Where the customer still leaves, send the 814_24 ourselves, not backdated (RMG 7.11.1.2)."
)


def keep_completion(order: Order, step: OrderStep, happening: Happening) -> None:
    """Keeps when the work was done, where, and the TDSP's number for it."""
    if happening.arrived is not None:
        order.request = {**order.request, **happening.arrived.details}


def keep_dates(order: Order, step: OrderStep, happening: Happening) -> None:
    """Keeps since when service is interrupted, and until when."""
    if happening.arrived is not None:
        order.scheduled_date = happening.arrived.date or order.scheduled_date
        order.request = {**order.request, **happening.arrived.details}


def keep_agreed_date(order: Order, step: OrderStep, happening: Happening) -> None:
    """The day for which the return was agreed is the one that is asked for."""
    from ossrep.market.usecases.service_orders.returns import date_of

    order.requested_date = date_of(happening.data.get("date")) or order.requested_date


def reconnect_again(order: Order, step: OrderStep, happening: Happening) -> None:
    """A disconnect was worked although the debt is paid: a reconnect leaves, if none is open."""
    from ossrep.market.usecases.service_orders.disconnecting import send_reconnect

    send_reconnect(disconnect=order, now=happening.now, reason="worked after the payment")


def note_switch_hold(order: Order, step: OrderStep, happening: Happening) -> None:
    """The registry learns of a hold that was placed or removed; an 814_20 says it again."""
    assert happening.arrived is not None
    apply_service_point_change(
        source="650_02",
        reference=happening.arrived.reference,
        effective_at=completed_at(order, happening),
        esi_id=order.esi_id,
        values={"has_switch_hold": order.kind == "hold_add"},
        now=happening.now,
        inbound_set_id=happening.arrived.inbound_set_id,
    )


def draft_move_out(order: Order, step: OrderStep, happening: Happening) -> None:
    """The move-out that a termination obliges us to, as a work item with its due time."""
    due_at = chain_due_at(
        start=happening.now,
        hops=get_hops(keys=["814_24.after_termination"]),
        calendars=get_calendars(),
        tdsp_code=order.tdsp_code,
    )
    date = str(order.scheduled_date or "a day to come")
    open_work_item(
        kind=DRAFT,
        key=f"order:{order.pk}",
        title=f"Send a move-out for ESI ID {order.esi_id}: its meter is gone",
        text=_DRAFT_TEXT.format(reference=order.reference, date=date),
        send_via="814_24",
        text_to_send=f"ESI ID: {order.esi_id}\nRequested date: {date}\n",
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        order_id=order.pk,
        reference=order.reference,
        now=happening.now,
        due_at=due_at,
    )


def ask_for_pending_move_out(order: Order, step: OrderStep, happening: Happening) -> None:
    """Where the former retailer's move-out fell with the transition we have to send our own."""
    assert happening.arrived is not None
    date = happening.arrived.details.get("pending_move_out_date")
    if not date:
        return
    open_work_item(
        kind="transition-move-out",
        key=f"order:{order.pk}",
        title=f"ESI ID {order.esi_id} comes with a move-out on {date}",
        text=_PENDING_TEXT.format(date=date),
        send_via="814_24",
        text_to_send=f"ESI ID: {order.esi_id}\nRequested date: {date}\n",
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        order_id=order.pk,
        reference=order.reference,
        now=happening.now,
    )
