"""Handlers of the transactions that orders wait for (``usecases/receiving.HANDLERS``)."""

from __future__ import annotations

import datetime as dt

from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.models import Order, WaitingMessage
from ossrep.market.queries.tdsps import tdsp_codes_by_duns
from ossrep.market.usecases.orders.apply import apply_message
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.finding import adopt_waiting, find_orders
from ossrep.market.usecases.orders.starting import OrderId, create_order
from ossrep.market.usecases.orders.translating import ORDER_KINDS, read_content
from ossrep.market.usecases.orders.waiting import let_wait
from ossrep.market.usecases.receiving import Outcome, Received

BEGUN_BY_MARKET = {"814_06": "loss", "814_22": "csa_return"}
"""Messages that begin an order that we did not ask for."""

_RANK = ("moved", "noted", "waits", "unexpected")


def take_answer(received: Received) -> Outcome:
    """Applies a message to its orders; parked while there is none, or while it is too early."""
    return apply_arrived(arrived=read_arrived(received), now=received.received_at)


def take_notice(received: Received) -> Outcome:
    """Begins the order of an 814_06 or 814_22, then applies the message to it."""
    arrived = read_arrived(received)
    kind = BEGUN_BY_MARKET[arrived.kind]
    reference = arrived.original_reference or arrived.reference
    order_id = _find_begun(kind, reference, arrived.esi_id)
    if order_id is None:
        order_id = create_order(
            kind=kind,
            esi_id=arrived.esi_id,
            tdsp_code=arrived.tdsp_code,
            partner=received.partner,
            reference=reference,
            request={"order_kind": arrived.order_kind},
            now=received.received_at,
            starts=False,
        )
    decision = apply_message(order_id=order_id, arrived=arrived, now=received.received_at)
    adopt_waiting(order_id=order_id, now=received.received_at)
    return Outcome(state="applied", code=decision.verdict, text=f"{kind} is {decision.state}")


def apply_arrived(*, arrived: Arrived, now: dt.datetime) -> Outcome:
    """The same for a message that another part of the market has read."""
    orders = find_orders(arrived)
    if not orders:
        waiting = let_wait(arrived=arrived, order=None, now=now)
        return _told_of(waiting, code="no_order")
    decisions = [
        (order, apply_message(order_id=order.pk, arrived=arrived, now=now)) for order in orders
    ]
    order, decision = min(decisions, key=lambda pair: _RANK.index(pair[1].verdict))
    if decision.verdict == "waits":
        return _told_of(let_wait(arrived=arrived, order=order, now=now), code="too_early")
    return Outcome(
        state="applied", code=decision.verdict, text=f"{order}: {order.state} to {decision.state}"
    )


def _told_of(waiting: WaitingMessage, *, code: str) -> Outcome:
    if waiting.state == "laid_aside":
        return Outcome(state="rejected", code="laid_aside", text="laid aside: it is not ours")
    return Outcome(state="parked", code=code, text=f"waits for {waiting.waits_for}")


def read_arrived(received: Received) -> Arrived:
    """What a transaction says to an order."""
    transaction = received.transaction
    head = {
        "kind": transaction.kind,
        "reference": transaction.reference,
        "original_reference": transaction.original_reference,
        "esi_id": transaction.esi_id,
        "at": received.received_at,
        "tdsp_code": find_tdsp_code(transaction),
        "partner": received.partner,
        "order_kind": ORDER_KINDS.get(getattr(transaction, "service", ""), ""),
        "inbound_set_id": received.inbound_set_id,
    }
    return Arrived(**{**head, **read_content(transaction)})


def find_tdsp_code(transaction: Transaction) -> str:
    """The code of the TDSP that a transaction names; empty where it names none that we know."""
    duns = transaction.tdsp.duns if transaction.tdsp else ""
    return tdsp_codes_by_duns(duns=[duns]).get(duns, "") if duns else ""


def _find_begun(kind: str, reference: str, esi_id: str) -> OrderId | None:
    orders = Order.objects.filter(kind=kind, reference=reference, esi_id=esi_id)
    found = orders.values_list("pk", flat=True).first()
    return None if found is None else OrderId(found)
