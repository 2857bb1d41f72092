"""Handlers of the messages beside enrollments (``usecases/receiving.HANDLERS``)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from ossrep.kernel.market_time import MARKET_ZONE, local_midnight
from ossrep.market.domain.service_orders import says_of_answer, says_of_notice
from ossrep.market.edi.texas_set.model import Moment
from ossrep.market.edi.texas_set.registration import Meter
from ossrep.market.edi.texas_set.service_orders import OutageNotice, ServiceOrderResponse
from ossrep.market.edi.texas_set.transitions import DropEnrollment, DropResponse
from ossrep.market.edi.texas_set.upkeep import EsiIdMaintenance
from ossrep.market.edi.texas_set.usage import HistoricalUsage
from ossrep.market.models import Order
from ossrep.market.usecases.orders.apply import apply_message
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.orders.finding import adopt_waiting
from ossrep.market.usecases.orders.handlers import apply_arrived, find_tdsp_code
from ossrep.market.usecases.orders.starting import OrderId, create_order
from ossrep.market.usecases.orders.translating import read_service_point
from ossrep.market.usecases.receiving import Outcome, Received
from ossrep.market.usecases.service_points import apply_service_point_change
from ossrep.market.usecases.work_items import open_work_item

RETIRED = {"002": "inactive", "021": "active"}
"""ASI02 of an 814_20 to the status of the service point; a change (001) leaves it."""

ORDER_KINDS = {"TS": "mass_transition", "AQ": "acquisition"}
"""BGN07 to the kind of loss or gain that other contexts are told."""


def take_service_answer(received: Received) -> Outcome:
    """TX SET 650_02: the answer to a disconnect, a reconnect or a hold."""
    answer = received.transaction
    assert isinstance(answer, ServiceOrderResponse)
    says = says_of_answer(action=answer.action, is_unexecutable=bool(answer.unexecutables))
    if not says or (says == "complete" and (answer.completed is None or answer.rejects)):
        return _keep_unclear(received, f"BGN08 {answer.action}, purpose {answer.purpose}")
    arrived = _arrived(
        received,
        says=says,
        reasons=(*answer.unexecutables, *answer.rejects),
        details=_completion(answer),
    )
    return apply_arrived(arrived=arrived, now=received.received_at)


def take_outage_notice(received: Received) -> Outcome:
    """TX SET 650_04: suspension, termination, reactivation or outage."""
    notice = received.transaction
    assert isinstance(notice, OutageNotice)
    says = says_of_notice(action=notice.action, category=notice.category)
    if not says:
        return _keep_unclear(received, f"BGN07 {notice.category}, BGN08 {notice.action}")
    arrived = _arrived(
        received,
        says=says,
        reasons=notice.reasons,
        date=notice.interrupted.date if notice.interrupted else None,
        details={
            "category": notice.category,
            "estimated_restoration": _iso(notice.estimated_restoration),
        },
    )
    open_one = Order.objects.filter(kind="suspension", esi_id=notice.esi_id, is_open=True).first()
    if open_one is None and (known := _heard_before(arrived)) is not None:
        return known
    order_id = OrderId(open_one.pk) if open_one else _begin("suspension", arrived, received)
    return _apply(order_id, arrived)


def take_maintenance(received: Received) -> Outcome:
    """TX SET 814_20: the registry takes what it tells of the service point."""
    told = received.transaction
    assert isinstance(told, EsiIdMaintenance)
    values = _maintained(told)
    tdsp_code = find_tdsp_code(told)
    if tdsp_code:
        values["tdsp_code"] = tdsp_code
    effective = told.effective_date or told.date
    apply_service_point_change(
        source="814_20",
        reference=told.reference,
        effective_at=local_midnight(effective),
        esi_id=told.esi_id,
        values=values,
        notes=[f"{reason.code} {reason.text}".strip() for reason in told.changes],
        now=received.received_at,
        inbound_set_id=received.inbound_set_id,
    )
    if not set(values) - {"tdsp_code"}:
        return _keep_unclear(received, "nothing in it that the registry keeps")
    return Outcome(state="applied", code="maintained", text=", ".join(sorted(values)))


def take_drop(received: Received) -> Outcome:
    """TX SET 814_11: a mass transition or acquisition takes a service point from us."""
    drop = received.transaction
    assert isinstance(drop, DropResponse)
    if not drop.is_accepted:
        # The reject of an 814_10; we never send one.
        return _keep_unclear(received, "a refused drop that we did not ask for")
    arrived = _arrived(received, says="notice", reasons=drop.rejects, date=drop.end_date)
    return _apply(_begin_once("transition_loss", arrived, received, drop.order_type), arrived)


def take_transition(received: Received) -> Outcome:
    """TX SET 814_14: a mass transition or acquisition gives a service point to us."""
    given = received.transaction
    assert isinstance(given, DropEnrollment)
    pending = given.pending_move_out_date
    arrived = _arrived(
        received,
        date=given.scheduled_date,
        service_point=read_service_point(given, has_switch_hold=given.has_switch_hold),
        details={"pending_move_out_date": pending.isoformat() if pending else None},
    )
    return _apply(_begin_once("transition_gain", arrived, received, given.order_type), arrived)


def take_history(received: Received) -> Outcome:
    """TX SET 867_02: the history that an 814_26 asked for, or that came with an enrollment."""
    history = received.transaction
    assert isinstance(history, HistoricalUsage)
    asked_by = history.order_reference or history.original_reference
    arrived = dataclasses.replace(_arrived(received), original_reference=asked_by)
    asked = Order.objects.filter(
        esi_id=arrived.esi_id, reference=arrived.original_reference, kind__in=("switch", "move_in")
    )
    if asked.exists():
        return Outcome(state="applied", code="history", text="history asked for with an enrollment")
    return apply_arrived(arrived=arrived, now=received.received_at)


def _arrived(received: Received, **more: Any) -> Arrived:
    transaction = received.transaction
    return Arrived(
        kind=transaction.kind,
        reference=transaction.reference,
        original_reference=transaction.original_reference,
        esi_id=transaction.esi_id,
        at=received.received_at,
        tdsp_code=find_tdsp_code(transaction),
        partner=received.partner,
        inbound_set_id=received.inbound_set_id,
        **more,
    )


def _begin_once(kind: str, arrived: Arrived, received: Received, order_type: str) -> OrderId:
    reference = arrived.original_reference or arrived.reference
    known = Order.objects.filter(kind=kind, reference=reference, esi_id=arrived.esi_id).first()
    if known is not None:
        return OrderId(known.pk)
    request = {"order_kind": ORDER_KINDS.get(order_type, "other"), "order_type": order_type}
    return _begin(kind, arrived, received, reference=reference, request=request)


def _begin(
    kind: str,
    arrived: Arrived,
    received: Received,
    *,
    reference: str = "",
    request: dict[str, Any] | None = None,
) -> OrderId:
    return create_order(
        kind=kind,
        esi_id=arrived.esi_id,
        tdsp_code=arrived.tdsp_code,
        partner=received.partner,
        reference=reference or arrived.reference,
        request=request,
        now=received.received_at,
        starts=False,
    )


def _apply(order_id: OrderId, arrived: Arrived) -> Outcome:
    decision = apply_message(order_id=order_id, arrived=arrived, now=arrived.at)
    adopt_waiting(order_id=order_id, now=arrived.at)
    return Outcome(state="applied", code=decision.verdict, text=f"order is {decision.state}")


def _heard_before(arrived: Arrived) -> Outcome | None:
    """The same notice again, after its order was closed, begins no second one."""
    if Order.objects.filter(kind="suspension", reference=arrived.reference).exists():
        return Outcome(state="applied", code="noted", text="told before")
    return None


def _keep_unclear(received: Received, what: str) -> Outcome:
    """What no table knows is kept and shown to a person."""
    transaction = received.transaction
    codes = "; ".join(
        f"{reason.code} {reason.text}".strip()
        for name in ("unexecutables", "rejects", "reasons", "changes")
        for reason in getattr(transaction, name, ())
    )
    open_work_item(
        kind="unclear-message",
        key=f"inbound-set:{received.inbound_set_id}",
        title=f"A {transaction.kind} for ESI ID {transaction.esi_id} is not understood",
        text=(
            f"It says: {what}. {codes} Nothing was changed. Read the message, do by hand what it "
            "asks for, and have its code put into the tables (market/data/service_orders.yaml)."
        ),
        esi_id=transaction.esi_id,
        inbound_set_id=received.inbound_set_id,
        reference=transaction.original_reference or transaction.reference,
        now=received.received_at,
    )
    return Outcome(state="applied", code="unclear", text=what)


def _completion(answer: ServiceOrderResponse) -> dict[str, Any]:
    found = {
        "completed_at": _iso(answer.completed),
        "equipment_location": answer.equipment_location,
        "tdsp_order_number": answer.order_number,
        "switch_hold": answer.switch_hold.code if answer.switch_hold else "",
    }
    return {name: value for name, value in found.items() if value}


def _iso(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    local = dt.datetime.combine(moment.date, moment.time or dt.time(), MARKET_ZONE)
    return local.astimezone(dt.UTC).isoformat()


def _maintained(told: EsiIdMaintenance) -> dict[str, Any]:
    """Fields of the registry that an 814_20 has a value for."""
    meters: Sequence[Meter] = told.meters
    point = read_service_point(told, has_switch_hold=told.has_switch_hold)
    values = {name: value for name, value in point.items() if value and name != "has_switch_hold"}
    if told.has_switch_hold is not None:
        values["has_switch_hold"] = told.has_switch_hold
    if told.special_needs is not None and told.special_needs.is_needed is not None:
        values["has_special_needs"] = told.special_needs.is_needed
        values["special_needs_status"] = told.special_needs.status
    if told.change in RETIRED:
        values["status"] = RETIRED[told.change]
    if not meters:
        values.pop("meter_numbers", None)
    return values
