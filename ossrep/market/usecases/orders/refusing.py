"""Refuses an 814_28 that holds invalid data, by 814_29; the order's state does not change."""

from __future__ import annotations

import datetime as dt

from ossrep.market.db import transaction
from ossrep.market.domain.order_requests import RequestRefused, market_date
from ossrep.market.domain.order_rules import load_order_rules
from ossrep.market.edi.texas_set.changes import UnexecutableResponse
from ossrep.market.edi.texas_set.model import Reason
from ossrep.market.edi.texas_set.text import to_market_text
from ossrep.market.models import Order, OrderStep
from ossrep.market.usecases.interchange.outbound import (
    OutboundMessageId,
    queue_message,
    take_reference,
)
from ossrep.market.usecases.orders.apply import lock_order
from ossrep.market.usecases.orders.requests import SERVICES, own_party, tdsp_party

REJECTS = "U"
TEXT_CHARS_MAX = 80
TRIGGERS = ("814_28 unexecutable", "814_28 permit")


def refuse_unexecutable(
    *, order_id: int, code: str, text: str, now: dt.datetime
) -> OutboundMessageId:
    """Answers the order's last 814_28 with a refusal for invalid data only (TX SET 814_29).

    The TDSP has to correct it and send it again; nothing of the order changes by it. Raises
    RequestRefused where there is no such 814_28, or ``data/orders.yaml`` forbids the answer.
    """
    if load_order_rules()["sends_814_29"]["value"] != "yes":
        raise RequestRefused("orders.yaml says that no 814_29 is sent", where="sends_814_29")
    with transaction():
        order = lock_order(order_id=order_id)
        told = (
            OrderStep.objects.filter(order=order, trigger__in=TRIGGERS).order_by("-number").first()
        )
        if told is None:
            raise RequestRefused("has no 814_28 that could be refused", where=order.reference)
        reason = Reason(code, to_market_text(text, longest=TEXT_CHARS_MAX))
        return queue_message(
            transaction=_response(order, told, reason, now),
            partner=order.partner,
            now=now,
            step_id=told.pk,
        )


def _response(
    order: Order, told: OrderStep, reason: Reason, now: dt.datetime
) -> UnexecutableResponse:
    return UnexecutableResponse(
        reference=take_reference(prefix="UX"),
        original_reference=told.reference,
        date=market_date(now),
        esi_id=order.esi_id,
        tdsp=tdsp_party(code=order.tdsp_code),
        retailer=own_party(brand_id=order.brand_id),
        service=SERVICES.get(order.kind, ""),
        action=REJECTS,
        rejects=(reason,),
    )
