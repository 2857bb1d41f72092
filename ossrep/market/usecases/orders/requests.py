"""The transactions that orders send, from what was asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ossrep.market.domain.order_requests import market_date
from ossrep.market.domain.order_rules import load_order_rules
from ossrep.market.edi.texas_set.changes import CancelRequest, DateChangeRequest, MoveOutRequest
from ossrep.market.edi.texas_set.enrollment import MoveInRequest, SwitchRequest
from ossrep.market.edi.texas_set.model import Contact, Moment, Party, Reason
from ossrep.market.edi.texas_set.registration import SpecialNeeds
from ossrep.market.edi.texas_set.upkeep import CsaRequest, CustomerInformation
from ossrep.market.models import Order, Tdsp
from ossrep.market.queries.interchange.partners import find_identity
from ossrep.market.usecases.orders.effects import Happening

SERVICES = {"switch": "SW", "move_in": "MVI", "move_out": "MVO"}


def switch_request(order: Order, happening: Happening) -> SwitchRequest:
    """TX SET 814_01; the date only where the retailer chose one."""
    return SwitchRequest(
        **_head(order, happening.now),
        history=_history(order),
        customer=read_customer(order),
        special_needs=SpecialNeeds(is_needed=bool(order.request.get("has_special_needs"))),
        requested_date=order.requested_date,
    )


def move_in_request(order: Order, happening: Happening) -> MoveInRequest:
    """TX SET 814_16."""
    assert order.requested_date is not None
    priorities = load_order_rules()["move_in_priorities"]
    priority = priorities["priority" if order.request.get("is_priority") else "standard"]
    return MoveInRequest(
        **_head(order, happening.now),
        order_type=order.request.get("order_type", ""),
        history=_history(order),
        customer=read_customer(order),
        priority=priority["code"],
        special_needs=SpecialNeeds(is_needed=bool(order.request.get("has_special_needs"))),
        requested_date=order.requested_date,
    )


def move_out_request(order: Order, happening: Happening) -> MoveOutRequest:
    """TX SET 814_24."""
    assert order.requested_date is not None
    insists = load_order_rules()["second_move_out"]["code"]
    return MoveOutRequest(
        **_head(order, happening.now),
        customer=read_customer(order),
        statuses=(Reason(insists),) if order.request.get("insists") else (),
        bypasses_csa=True if order.request.get("bypasses_csa") else None,
        requested_date=order.requested_date,
    )


def cancel_request(order: Order, happening: Happening) -> CancelRequest:
    """TX SET 814_08 about the order's target."""
    target = _target(order)
    return CancelRequest(
        **_head(order, happening.now),
        original_reference=target.reference,
        service=SERVICES[target.kind],
        reasons=(Reason(order.request["reason"], order.request.get("text", "")),),
    )


def date_change_request(order: Order, happening: Happening) -> DateChangeRequest:
    """TX SET 814_12 about the order's target; REF*TD names the date that changes."""
    target = _target(order)
    is_move_in = target.kind == "move_in"
    return DateChangeRequest(
        **_head(order, happening.now),
        original_reference=target.reference,
        service=SERVICES[target.kind],
        changes=(Reason("DTM375" if is_move_in else "DTM376"),),
        move_in_date=order.requested_date if is_move_in else None,
        move_out_date=None if is_move_in else order.requested_date,
        counter=_moment(order.counter),
    )


def csa_request(order: Order, happening: Happening) -> CsaRequest:
    """TX SET 814_18: establish, change or delete; a change or deletion follows its agreement."""
    end = order.request.get("end_date")
    return CsaRequest(
        **_head(order, happening.now),
        original_reference=order.target.reference if order.target else "",
        change=order.request["change"],
        customer=read_customer(order),
        start_date=order.requested_date,
        end_date=dt.date.fromisoformat(end) if end else None,
    )


def customer_information(order: Order, happening: Happening) -> CustomerInformation:
    """TX SET 814_PC, to the TDSP itself."""
    return CustomerInformation(
        **_head(order, happening.now),
        membership_id=order.request.get("membership_id", ""),
        customer=read_customer(order),
    )


def own_party(*, brand_id: int | None) -> Party | None:
    """Who we are in the market for a brand: its own identity, else the default one."""
    found = find_identity(brand_id=brand_id)
    return None if found is None else Party(found.name, found.duns)


def tdsp_party(*, code: str) -> Party | None:
    """A TDSP with its DUNS number, where that is known."""
    tdsp = Tdsp.objects.filter(code=code).first()
    return None if tdsp is None or not tdsp.duns else Party(tdsp.name.upper(), tdsp.duns)


def _head(order: Order, now: dt.datetime) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "date": market_date(now),
        "esi_id": order.esi_id,
        "tdsp": tdsp_party(code=order.tdsp_code),
        "retailer": own_party(brand_id=order.brand_id),
    }


def read_customer(order: Order) -> Contact:
    """The customer of an order as the market is told."""
    request = order.request
    address = request.get("address", {})
    return Contact(
        name=request["customer_name"],
        address1=address.get("line1", ""),
        address2=address.get("line2", ""),
        city=address.get("city", ""),
        state=address.get("state", ""),
        zip_code=request.get("zip_code") or address.get("zip_code", ""),
        contact_name=request.get("contact_name", "") if request.get("phone") else "",
        phone=request.get("phone", ""),
    )


def _history(order: Order) -> str:
    wanted = order.request.get("wants_usage_history")
    return str(load_order_rules()["history_code"]["code"]) if wanted else ""


def _moment(counter: str) -> Moment:
    at = dt.datetime.strptime(counter, "%Y%m%d%H%M")  # noqa: DTZ007
    return Moment(at.date(), at.time())


def _target(order: Order) -> Order:
    assert order.target is not None, "a cancel or change is about an order"
    return order.target
