"""From typed transactions to what they say to an order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from ossrep.market.edi.texas_set.changes import (
    CancelRequest,
    CancelResponse,
    DateChangeRequest,
    DateChangeResponse,
    MoveOutResponse,
    Unexecutable,
)
from ossrep.market.edi.texas_set.enrollment import EnrollmentResponse, MoveInReject, SwitchReject
from ossrep.market.edi.texas_set.model import Moment, Transaction
from ossrep.market.edi.texas_set.registration import Answer, PointNotice
from ossrep.market.edi.texas_set.transitions import CsaMoveIn, LossNotice
from ossrep.market.edi.texas_set.upkeep import (
    CsaRequest,
    CsaResponse,
    CustomerInformationResponse,
    HistoryResponse,
)
from ossrep.market.edi.texas_set.usage import InitialRead

ORDER_KINDS = {"SW": "switch", "MVI": "move_in", "MVO": "move_out"}
PERMIT = "PT"


@singledispatch
def read_content(transaction: Transaction) -> dict[str, Any]:
    """The fields of ``Arrived`` that a kind of transaction fills beyond the head."""
    raise NotImplementedError(f"an order hears nothing of a {transaction.kind}")


@read_content.register
def _(transaction: SwitchReject) -> dict[str, Any]:
    return {"reasons": transaction.rejects}


@read_content.register
def _(transaction: MoveInReject) -> dict[str, Any]:
    return {"reasons": transaction.rejects}


@read_content.register
def _(transaction: EnrollmentResponse) -> dict[str, Any]:
    point = read_service_point(transaction, has_switch_hold=transaction.has_switch_hold)
    return {
        **_answer(transaction),
        "date": transaction.scheduled_date,
        "service_point": point if transaction.is_accepted else {},
    }


@read_content.register
def _(transaction: CancelRequest) -> dict[str, Any]:
    return {"reasons": transaction.reasons}


@read_content.register
def _(transaction: CancelResponse) -> dict[str, Any]:
    return _answer(transaction)


@read_content.register
def _(transaction: DateChangeRequest) -> dict[str, Any]:
    date = transaction.move_in_date or transaction.move_out_date
    return {"date": date, "counter": counter_text(transaction.counter)}


@read_content.register
def _(transaction: DateChangeResponse) -> dict[str, Any]:
    date = transaction.move_in_date or transaction.move_out_date
    return {**_answer(transaction), "date": date, "counter": counter_text(transaction.counter)}


@read_content.register
def _(transaction: MoveOutResponse) -> dict[str, Any]:
    return {**_answer(transaction), "date": transaction.end_date}


@read_content.register
def _(transaction: Unexecutable) -> dict[str, Any]:
    # Only PT asks for a permit; everything else says that it could not be done (RMG 11.2.5.9).
    says = "permit" if transaction.order_type == PERMIT else "unexecutable"
    return {"says": says, "reasons": transaction.reasons}


@read_content.register
def _(transaction: LossNotice) -> dict[str, Any]:
    return {"date": transaction.end_date}


@read_content.register
def _(transaction: CsaMoveIn) -> dict[str, Any]:
    point = read_service_point(transaction, has_switch_hold=transaction.has_switch_hold)
    return {"date": transaction.scheduled_date, "service_point": point}


@read_content.register
def _(transaction: CsaRequest) -> dict[str, Any]:
    return {"date": transaction.start_date, "end_date": transaction.end_date}


@read_content.register
def _(transaction: CsaResponse) -> dict[str, Any]:
    return {
        **_answer(transaction),
        "date": transaction.start_date,
        "end_date": transaction.end_date,
    }


@read_content.register
def _(transaction: InitialRead) -> dict[str, Any]:
    return {"date": transaction.read_date}


@read_content.register
def _(transaction: HistoryResponse) -> dict[str, Any]:
    return _answer(transaction)


@read_content.register
def _(transaction: CustomerInformationResponse) -> dict[str, Any]:
    return _answer(transaction)


def counter_text(moment: Moment | None) -> str:
    """``202501171015``: so that later ones are greater; empty where none came."""
    if moment is None:
        return ""
    time = f"{moment.time:%H%M}" if moment.time is not None else "0000"
    return f"{moment.date:%Y%m%d}{time}"


def read_service_point(
    notice: EnrollmentResponse | PointNotice, *, has_switch_hold: bool | None
) -> dict[str, Any]:
    """What an 814_05 or 814_22 tells of the meters, as ``Order.service_point`` keeps it."""
    meters = notice.meters
    return {
        "meter_numbers": [meter.number for meter in meters],
        "read_cycle": _first([meter.read_cycle for meter in meters]),
        "rate_class": _first([meter.rate_class for meter in meters]),
        "rate_subclass": _first([meter.rate_subclass for meter in meters]),
        "load_profile": _first([meter.load_profile for meter in meters]),
        "ams_indicator": _first([meter.ams_indicator for meter in meters]),
        "station": notice.station,
        "loss_factor": notice.loss_factor,
        "premise_type": notice.premise_type,
        "has_switch_hold": has_switch_hold,
    }


def _answer(transaction: Answer | CustomerInformationResponse) -> dict[str, Any]:
    says = "accept" if transaction.is_accepted else "reject"
    return {"says": says, "reasons": transaction.rejects}


def _first(values: Sequence[str]) -> str:
    return next((value for value in values if value), "")
