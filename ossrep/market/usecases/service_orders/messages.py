"""The transactions that service orders and their like send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ossrep.market.domain.order_requests import market_date
from ossrep.market.domain.service_orders import get_code, get_setting
from ossrep.market.edi.texas_set.model import Reason
from ossrep.market.edi.texas_set.registration import SpecialNeeds
from ossrep.market.edi.texas_set.service_orders import OutageReject, ServiceOrder
from ossrep.market.edi.texas_set.upkeep import HistoryRequest
from ossrep.market.models import Order, ServicePoint
from ossrep.market.usecases.interchange.outbound import take_reference
from ossrep.market.usecases.orders.effects import Happening
from ossrep.market.usecases.orders.requests import own_party, read_customer, tdsp_party


def service_order(order: Order, happening: Happening) -> ServiceOrder:
    """TX SET 650_01; a reconnect cites its disconnect (RMG 7.6.3.8)."""
    is_disconnect = order.kind == "disconnect"
    return ServiceOrder(
        **_head(order, happening.now),
        **_codes(order.request["action"]),
        original_reference=order.target.reference if order.target else "",
        purpose=get_code(table="purposes", name=order.request["purpose"])["code"],
        customer=read_customer(order),
        special_needs=_special_needs(order.esi_id),
        priority=order.request.get("priority", ""),
        location=get_setting(name="location")["code"] if is_disconnect else "",
        is_friday_authorized=get_setting(name="friday_authorization") if is_disconnect else None,
        requested_date=order.requested_date,
    )


def service_order_cancel(order: Order, happening: Happening) -> ServiceOrder:
    """TX SET 650_01 that takes a reconnect back which was sent in error (RMG 7.6.3.8)."""
    return ServiceOrder(
        **{**_head(order, happening.now), "reference": take_reference(prefix="RC")},
        **_codes("cancel"),
        original_reference=order.reference,
        purpose=get_code(table="purposes", name=order.request["purpose"])["code"],
        requested_date=order.requested_date,
    )


def outage_reject(order: Order, happening: Happening) -> OutageReject:
    """TX SET 650_05: a 650_04 whose data are wrong."""
    reasons = happening.data.get("reasons", ())
    return OutageReject(
        **{**_head(order, happening.now), "reference": take_reference(prefix="OX")},
        original_reference=order.reference,
        category=order.request.get("category", ""),
        rejects=tuple(Reason(reason["code"], reason["text"]) for reason in reasons),
    )


def history_request(order: Order, happening: Happening) -> HistoryRequest:
    """TX SET 814_26."""
    return HistoryRequest(**_head(order, happening.now), history=order.request["history"])


def _head(order: Order, now: dt.datetime) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "date": market_date(now),
        "esi_id": order.esi_id,
        "tdsp": tdsp_party(code=order.tdsp_code),
        "retailer": own_party(brand_id=order.brand_id),
    }


def _codes(action: str) -> dict[str, Any]:
    row = get_code(table="actions", name=action)
    return {"category": row["category"], "action": row["action"]}


def _special_needs(esi_id: str) -> SpecialNeeds:
    point = ServicePoint.objects.filter(esi_id=esi_id).first()
    if point is None or point.has_special_needs is None:
        return SpecialNeeds(is_needed=False)
    return SpecialNeeds(is_needed=point.has_special_needs, status=point.special_needs_status)
