"""What this context does with others' events."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ossrep.infra.inbox import Handler
from ossrep.kernel import clock
from ossrep.kernel.events import EventEnvelope
from ossrep.market.usecases.orders.customer_information import (
    tell_of_changed_customer,
    tell_of_new_customer,
)
from ossrep.market.usecases.orders.wishes import (
    take_cancel,
    take_date_change,
    take_enrollment,
    take_move_out,
)
from ossrep.market.usecases.service_orders.wishes import take_disconnect, take_reconnect
from ossrep.published.billing import DisconnectRequested, ReconnectRequested
from ossrep.published.customer import (
    Address,
    ContractActivated,
    CustomerDetailsChanged,
    EnrollmentCancelRequested,
    EnrollmentDateChangeRequested,
    EnrollmentSubmitted,
    MoveOutRequested,
)


def send_enrollment(envelope: EventEnvelope) -> None:
    """``customer.enrollment-submitted.v1``: a switch or move-in for the market."""
    take_enrollment(
        enrollment=EnrollmentSubmitted(**_known(envelope, EnrollmentSubmitted)), now=clock.now()
    )


def send_cancel(envelope: EventEnvelope) -> None:
    """``customer.enrollment-cancel-requested.v1``: a cancel for the market."""
    known = _known(envelope, EnrollmentCancelRequested)
    take_cancel(request=EnrollmentCancelRequested(**known), now=clock.now())


def send_date_change(envelope: EventEnvelope) -> None:
    """``customer.enrollment-date-change-requested.v1``: another day for a move-in."""
    known = _known(envelope, EnrollmentDateChangeRequested)
    take_date_change(request=EnrollmentDateChangeRequested(**known), now=clock.now())


def send_move_out(envelope: EventEnvelope) -> None:
    """``customer.move-out-requested.v1``: a move-out for the market."""
    known = _known(envelope, MoveOutRequested)
    take_move_out(request=MoveOutRequested(**known), now=clock.now())


def send_disconnect(envelope: EventEnvelope) -> None:
    """``billing.disconnect-requested.v1``: a disconnect, if our own checks allow it."""
    known = _known(envelope, DisconnectRequested)
    take_disconnect(wanted=DisconnectRequested(**known), now=clock.now())


def send_reconnect(envelope: EventEnvelope) -> None:
    """``billing.reconnect-requested.v1``: service comes back, or is not cut."""
    known = _known(envelope, ReconnectRequested)
    take_reconnect(wanted=ReconnectRequested(**known), now=clock.now())


def send_new_customer(envelope: EventEnvelope) -> None:
    """``customer.contract-activated.v1``: the TDSP is told whom we serve, where it wants that."""
    known = _known(envelope, ContractActivated)
    tell_of_new_customer(contract=ContractActivated(**known), now=clock.now())


def send_changed_customer(envelope: EventEnvelope) -> None:
    """``customer.details-changed.v1``: the TDSP is told what changed, where it wants that."""
    known = _known(envelope, CustomerDetailsChanged)
    tell_of_changed_customer(change=CustomerDetailsChanged(**known), now=clock.now())


HANDLERS: Mapping[str, Handler] = {
    EnrollmentSubmitted.event_type: send_enrollment,
    EnrollmentCancelRequested.event_type: send_cancel,
    EnrollmentDateChangeRequested.event_type: send_date_change,
    MoveOutRequested.event_type: send_move_out,
    DisconnectRequested.event_type: send_disconnect,
    ReconnectRequested.event_type: send_reconnect,
    ContractActivated.event_type: send_new_customer,
    CustomerDetailsChanged.event_type: send_changed_customer,
}


def _known(envelope: EventEnvelope, event: type[Any]) -> dict[str, Any]:
    """The fields of an event as we know it; those that a later version adds are not ours."""
    hints = typing.get_type_hints(event)
    return {
        field.name: _value(hints[field.name], envelope.payload[field.name])
        for field in fields(event)
    }


def _value(hint: Any, value: Any) -> Any:
    if hint is Address:
        return Address(**{field.name: value[field.name] for field in fields(Address)})
    if value is not None and hint in (dt.date, dt.date | None):
        return dt.date.fromisoformat(value)
    return value
