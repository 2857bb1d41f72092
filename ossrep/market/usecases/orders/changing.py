"""Cancels an order, changes its date, sends it again: only what the market would take."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import (
    RequestRefused,
    check_changed_date,
    check_not_too_late,
    next_counter,
)
from ossrep.market.domain.order_rules import load_order_rules
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.engine import command, message
from ossrep.market.edi.texas_set.text import to_market_text
from ossrep.market.models import Order, OrderStep
from ossrep.market.usecases.orders.apply import apply_command, lock_order
from ossrep.market.usecases.orders.effects import Happening
from ossrep.market.usecases.orders.starting import OrderId, Wish, create_order

CANCEL_ACCEPTED = message("814_09", "accept")
CHANGE_ACCEPTED = message("814_13", "accept")
REASON_TEXT_CHARS_MAX = 80


class UnknownOrder(RequestRefused):
    """A number that no order has."""

    code = "unknown_order"


def find_order(*, reference: str) -> Order:
    """The order with that number of the market's. Raises UnknownOrder."""
    order = Order.objects.filter(reference=reference.strip()).order_by("pk").first()
    if order is None:
        raise UnknownOrder(f"no order has the number {reference!r}", where="reference")
    return order


def cancel_order(
    *, order_id: int, reason: str, now: dt.datetime, text: str = "", by: str = ""
) -> OrderId:
    """Asks to cancel a switch, move-in or move-out by 814_08; gives the order of the cancel.

    ``reason``: ``A13`` (with a text) or ``B40``, no other (RMG 11.2.5.9). Refused: after the day
    before the scheduled date, of what is closed, and a second time with a reason that is still
    unanswered (RMG 11.4.10). Raises RequestRefused.
    """
    with transaction():
        order = lock_order(order_id=order_id)
        _check_reason(reason, text)
        _check_open(order, CANCEL_ACCEPTED, "cancelled")
        check_not_too_late(scheduled_date=order.scheduled_date, now=now, kind="814_08")
        pending = Order.objects.filter(
            target=order, kind="cancel", is_open=True, request__reason=reason
        ).first()
        if pending is not None:
            raise RequestRefused(
                f"{pending.reference} asks the same with {reason} and is unanswered (DCR)",
                where=order.reference,
            )
        return create_order(
            kind="cancel",
            esi_id=order.esi_id,
            tdsp_code=order.tdsp_code,
            target=order,
            request={"reason": reason, "text": to_market_text(text, longest=REASON_TEXT_CHARS_MAX)},
            brand_id=order.brand_id,
            account_number=order.account_number,
            now=now,
            by=by,
        )


def change_date(*, order_id: int, date: dt.date, now: dt.datetime, by: str = "") -> OrderId:
    """Asks for another day of a move by 814_12; gives the order of the change.

    A switch has no date change: it is cancelled and sent anew. Refused also while a cancel is
    unanswered, after the day before the scheduled one, and for the past. Raises RequestRefused.
    """
    with transaction():
        order = lock_order(order_id=order_id)
        if order.kind == "switch":
            raise RequestRefused(
                "the date of a switch cannot be changed: cancel it and send a new one",
                where=order.reference,
            )
        _check_open(order, CHANGE_ACCEPTED, "moved")
        check_not_too_late(scheduled_date=order.scheduled_date, now=now, kind="814_12")
        check_changed_date(date, now=now)
        if Order.objects.filter(target=order, kind="cancel", is_open=True).exists():
            raise RequestRefused("a cancel of it is unanswered", where=order.reference)
        return create_order(
            kind="date_change",
            esi_id=order.esi_id,
            tdsp_code=order.tdsp_code,
            target=order,
            requested_date=date,
            counter=next_counter(now=now, last=_last_counter(order)),
            brand_id=order.brand_id,
            account_number=order.account_number,
            now=now,
            by=by,
        )


def resend_order(*, order_id: int, now: dt.datetime, by: str = "") -> OrderId:
    """Sends an unanswered order's message again, unchanged; of a refused one makes a new order.

    The same number twice is answered ``DUP`` and does no harm; after a refusal a new number is
    needed (RMG 11.4.11). Not where another context was told of the end: it asks by a new wish.
    Raises CommandRefused and RequestRefused.
    """
    with transaction():
        order = lock_order(order_id=order_id)
        if order.state not in ("rejected", "unexecutable", "cancelled"):
            apply_command(order_id=order.pk, name="resend", now=now, by=by)
            return OrderId(order.pk)
        return _start_again(order, now, by)


def start_again(order: Order, step: OrderStep, happening: Happening) -> None:
    """The same order with a new number, because ERCOT knew the first one (``DOT``)."""
    _create_next(order, happening.now, happening.by)


def _start_again(order: Order, now: dt.datetime, by: str) -> OrderId:
    process = PROCESSES[order.kind]
    if order.target_id is not None or not process.allows(
        state=process.first, trigger=command("start")
    ):
        raise RequestRefused("ask for it anew: it is about another order", where=order.reference)
    if order.wish:
        raise RequestRefused(
            f"the end of {order.wish} {order.wish_id} was told: ask for it by a new one",
            where=order.reference,
        )
    return _create_next(order, now, by)


def _create_next(order: Order, now: dt.datetime, by: str) -> OrderId:
    return create_order(
        kind=order.kind,
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        partner=order.partner,
        requested_date=order.requested_date,
        request=order.request,
        brand_id=order.brand_id,
        account_number=order.account_number,
        wish=Wish(kind=order.wish, id=order.wish_id),
        attempt=order.attempt + 1,
        now=now,
        by=by,
    )


def _last_counter(order: Order) -> str:
    changes = Order.objects.filter(target=order, kind="date_change")
    counters = changes.values_list("counter", flat=True)
    return max([order.counter, *counters])


def _check_reason(reason: str, text: str) -> None:
    known = load_order_rules()["cancel_reasons"]
    if reason not in known:
        raise RequestRefused(
            f"a retailer cancels with {' or '.join(known)} only, not with {reason!r}",
            where="reason",
        )
    if known[reason]["needs_text"] == "yes" and not to_market_text(
        text, longest=REASON_TEXT_CHARS_MAX
    ):
        raise RequestRefused(f"{reason} needs a text that says why", where="text")


def _check_open(order: Order, achieves: str, done: str) -> None:
    process = PROCESSES[order.kind]
    if not process.allows(state=order.state, trigger=achieves):
        meaning = process.states[order.state]
        raise RequestRefused(
            f"is {order.state} ({meaning}) and cannot be {done}", where=order.reference
        )
