"""The events that orders tell other contexts; None where nobody outside asked for the order."""

from __future__ import annotations

import datetime as dt

from ossrep.market.models import Order
from ossrep.market.usecases.orders.effects import Happening
from ossrep.published.market import (
    ContractLost,
    EnrollmentAccepted,
    EnrollmentCancelled,
    EnrollmentCompleted,
    EnrollmentPermitPending,
    EnrollmentRejected,
    MoveOutCompleted,
    MoveOutRejected,
    MoveOutScheduled,
)

ENROLLMENT = "enrollment"
MOVE_OUT = "move-out"


def enrollment_accepted(order: Order, happening: Happening) -> EnrollmentAccepted | None:
    """TX SET 814_05, and an accepted change of the date (814_13)."""
    if order.wish != ENROLLMENT or order.scheduled_date is None:
        return None
    known = order.service_point
    return EnrollmentAccepted(
        enrollment_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        scheduled_date=order.scheduled_date,
        meter_numbers=tuple(known.get("meter_numbers", ())),
        read_cycle=known.get("read_cycle", ""),
        rate_class=known.get("rate_class", ""),
        load_profile=known.get("load_profile", ""),
        has_switch_hold=bool(known.get("has_switch_hold", False)),
    )


def enrollment_rejected(order: Order, happening: Happening) -> EnrollmentRejected | None:
    """TX SET 814_02, 814_17, 814_05."""
    if order.wish != ENROLLMENT:
        return None
    codes, text = _reasons(happening)
    return EnrollmentRejected(
        enrollment_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        reason_codes=codes,
        reason_text=text,
    )


def enrollment_permit_pending(order: Order, happening: Happening) -> EnrollmentPermitPending | None:
    """TX SET 814_28 with ``PT``."""
    if order.wish != ENROLLMENT:
        return None
    return EnrollmentPermitPending(
        enrollment_id=order.wish_id, esi_id=order.esi_id, order_reference=order.reference
    )


def enrollment_completed(order: Order, happening: Happening) -> EnrollmentCompleted | None:
    """TX SET 867_04."""
    if order.wish != ENROLLMENT or order.effective_date is None:
        return None
    return EnrollmentCompleted(
        enrollment_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        start_date=order.effective_date,
    )


def enrollment_cancelled(order: Order, happening: Happening) -> EnrollmentCancelled | None:
    """TX SET 814_08 of ERCOT, 814_09 that accepts ours, 814_28 unexecutable."""
    if order.wish != ENROLLMENT:
        return None
    codes, text = _reasons(happening)
    return EnrollmentCancelled(
        enrollment_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        reason_code=codes[0] if codes else "",
        reason_text=text,
    )


def contract_lost(order: Order, happening: Happening) -> ContractLost:
    """TX SET 814_06, once the final 867_03 has come: till then the loss may be called off.

    Also what we gained in error, or by a switch that was rescinded, and have given back.
    """
    return ContractLost(
        esi_id=order.esi_id,
        tdsp_code=order.tdsp_code,
        effective_date=_last_day(order, happening),
        kind=order.request.get("order_kind") or "other",
        order_reference=order.reference,
    )


def move_out_scheduled(order: Order, happening: Happening) -> MoveOutScheduled | None:
    """TX SET 814_25, and an accepted change of the date (814_13)."""
    if order.wish != MOVE_OUT or order.scheduled_date is None:
        return None
    return MoveOutScheduled(
        move_out_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        scheduled_date=order.scheduled_date,
    )


def move_out_rejected(order: Order, happening: Happening) -> MoveOutRejected | None:
    """TX SET 814_25, and whatever else keeps the service going."""
    if order.wish != MOVE_OUT:
        return None
    codes, text = _reasons(happening)
    return MoveOutRejected(
        move_out_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        reason_codes=codes,
        reason_text=text,
    )


def move_out_completed(order: Order, happening: Happening) -> MoveOutCompleted | None:
    """The final TX SET 867_03."""
    if order.wish != MOVE_OUT:
        return None
    return MoveOutCompleted(
        move_out_id=order.wish_id,
        esi_id=order.esi_id,
        order_reference=order.reference,
        end_date=_last_day(order, happening),
    )


def _last_day(order: Order, happening: Happening) -> dt.date:
    date = order.effective_date or order.scheduled_date
    assert date is not None, "a final read always names its day"
    return date


def _reasons(happening: Happening) -> tuple[tuple[str, ...], str]:
    arrived = happening.arrived
    return (arrived.reason_codes, arrived.reason_text) if arrived else ((), "")
