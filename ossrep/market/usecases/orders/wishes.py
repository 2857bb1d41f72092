"""What customers ask for, by event: an order, or the reason why none was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ossrep.infra.outbox import append
from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import Order
from ossrep.market.usecases.orders.changing import cancel_order, change_date
from ossrep.market.usecases.orders.starting import (
    OrderId,
    Person,
    Wish,
    find_wish,
    start_move_in,
    start_move_out,
    start_switch,
)
from ossrep.market.usecases.work_items import open_work_item
from ossrep.published.customer import (
    EnrollmentCancelRequested,
    EnrollmentDateChangeRequested,
    EnrollmentSubmitted,
    MoveOutRequested,
)
from ossrep.published.market import EnrollmentRejected, MoveOutRejected

ENROLLMENT = "enrollment"
MOVE_OUT = "move-out"
DROPPED_BY_CUSTOMER = "B40"
NOT_SENT = "not_sent"
"""Stands where the market's code would: the order never reached it."""


def take_enrollment(*, enrollment: EnrollmentSubmitted, now: dt.datetime) -> OrderId | None:
    """Starts a switch or move-in, once for each enrollment id.

    What the market must not be sent is told back as rejected and becomes a work item; None then.
    """
    wish = Wish(kind=ENROLLMENT, id=enrollment.enrollment_id)

    def refuse(refusal: DomainError) -> None:
        append(
            context="market",
            event=EnrollmentRejected(
                enrollment_id=enrollment.enrollment_id,
                esi_id=enrollment.esi_id,
                order_reference="",
                reason_codes=(NOT_SENT,),
                reason_text=str(refusal),
            ),
        )

    return _try(
        lambda: _start_enrollment(enrollment, wish, now),
        refuse,
        kind="enrollment-not-sent",
        key=enrollment.enrollment_id,
        what=f"{enrollment.kind.replace('_', '-')} of account {enrollment.account_number}",
        esi_id=enrollment.esi_id,
        tdsp_code=enrollment.tdsp_code,
        now=now,
    )


def take_move_out(*, request: MoveOutRequested, now: dt.datetime) -> OrderId | None:
    """Starts a move-out, once for each move-out id; told back where it must not be sent."""
    wish = Wish(kind=MOVE_OUT, id=request.move_out_id)

    def refuse(refusal: DomainError) -> None:
        append(
            context="market",
            event=MoveOutRejected(
                move_out_id=request.move_out_id,
                esi_id=request.esi_id,
                order_reference="",
                reason_codes=(NOT_SENT,),
                reason_text=str(refusal),
            ),
        )

    return _try(
        lambda: start_move_out(
            esi_id=request.esi_id,
            tdsp_code=request.tdsp_code,
            requested_date=request.wanted_date,
            customer=Person(name=request.contact_name, phone=request.contact_phone),
            brand_id=request.brand_id,
            account_number=request.account_number,
            wish=wish,
            now=now,
        ),
        refuse,
        kind="move-out-not-sent",
        key=request.move_out_id,
        what=f"move-out of account {request.account_number}",
        esi_id=request.esi_id,
        tdsp_code=request.tdsp_code,
        now=now,
    )


def take_cancel(*, request: EnrollmentCancelRequested, now: dt.datetime) -> OrderId | None:
    """Cancels what an enrollment has started, because the customer wants it (``B40``).

    Of what never was sent, or is closed without service, nothing is left to cancel.
    """
    order = _find_order(Wish(kind=ENROLLMENT, id=request.enrollment_id))
    if order is None or order.state in ("rejected", "cancelled", "unexecutable"):
        return None
    pending = Order.objects.filter(target=order, kind="cancel", is_open=True).first()
    if pending is not None:
        return OrderId(pending.pk)
    return _try(
        lambda: cancel_order(
            order_id=order.pk, reason=DROPPED_BY_CUSTOMER, text=request.reason, now=now
        ),
        None,
        kind="cancel-not-sent",
        key=request.enrollment_id,
        what=f"cancel of {order}",
        esi_id=request.esi_id,
        tdsp_code=order.tdsp_code,
        now=now,
        order=order,
    )


def take_date_change(*, request: EnrollmentDateChangeRequested, now: dt.datetime) -> OrderId | None:
    """Moves the move-in of an enrollment; what cannot be moved becomes a work item."""
    order = _find_order(Wish(kind=ENROLLMENT, id=request.enrollment_id))
    if order is None:
        return None
    changes = Order.objects.filter(target=order, kind="date_change", is_open=True)
    same = changes.filter(requested_date=request.wanted_date).first()
    if same is not None:
        return OrderId(same.pk)
    return _try(
        lambda: change_date(order_id=order.pk, date=request.wanted_date, now=now),
        None,
        kind="date-change-not-sent",
        key=f"{request.enrollment_id} {request.wanted_date}",
        what=f"change of {order} to {request.wanted_date}",
        esi_id=request.esi_id,
        tdsp_code=order.tdsp_code,
        now=now,
        order=order,
    )


def _start_enrollment(enrollment: EnrollmentSubmitted, wish: Wish, now: dt.datetime) -> OrderId:
    customer = Person(
        name=enrollment.customer_name,
        contact_name=enrollment.contact_name,
        phone=enrollment.contact_phone,
        address=enrollment.service_address,
    )
    if enrollment.kind == "switch":
        return start_switch(
            esi_id=enrollment.esi_id,
            tdsp_code=enrollment.tdsp_code,
            zip_code=enrollment.zip_code,
            customer=customer,
            requested_date=enrollment.wanted_date,
            has_special_needs=enrollment.has_special_needs,
            wants_usage_history=enrollment.wants_usage_history,
            brand_id=enrollment.brand_id,
            account_number=enrollment.account_number,
            wish=wish,
            now=now,
        )
    if enrollment.kind != "move_in" or enrollment.wanted_date is None:
        raise WishNotUnderstood(
            f"{enrollment.kind!r} on {enrollment.wanted_date} is no switch and no dated move-in",
            where="kind",
        )
    return start_move_in(
        esi_id=enrollment.esi_id,
        tdsp_code=enrollment.tdsp_code,
        zip_code=enrollment.zip_code,
        customer=customer,
        requested_date=enrollment.wanted_date,
        is_priority=enrollment.is_priority,
        has_special_needs=enrollment.has_special_needs,
        wants_usage_history=enrollment.wants_usage_history,
        brand_id=enrollment.brand_id,
        account_number=enrollment.account_number,
        wish=wish,
        now=now,
    )


class WishNotUnderstood(DomainError):
    """An enrollment of a kind that the market does not have."""

    code = "wish_not_understood"


def _find_order(wish: Wish) -> Order | None:
    order_id = find_wish(wish)
    return None if order_id is None else Order.objects.get(pk=order_id)


def _try(
    start: Callable[[], OrderId],
    refuse: Callable[[DomainError], None] | None,
    *,
    kind: str,
    key: str,
    what: str,
    esi_id: str,
    tdsp_code: str,
    now: dt.datetime,
    order: Order | None = None,
) -> OrderId | None:
    """Starts it, or opens the work item that says why it was not sent."""
    try:
        with transaction():
            return start()
    except DomainError as refusal:
        open_work_item(
            kind=kind,
            key=key,
            title=f"Not sent: {what}",
            text=(
                f"{refusal}. Nothing was sent to the market. Mend it with the customer; then ask "
                "for it anew."
            ),
            esi_id=esi_id,
            tdsp_code=tdsp_code,
            order_id=order.pk if order else None,
            reference=order.reference if order else "",
            now=now,
        )
        if refuse is not None:
            refuse(refusal)
        return None
