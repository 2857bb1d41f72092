"""What this context does with others' events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from ossrep.customer.usecases import end_in_market, follow_enrollment
from ossrep.infra.inbox import Handler
from ossrep.kernel import clock
from ossrep.kernel.events import EventEnvelope
from ossrep.published import market

Told = TypeVar("Told")


def _read(kind: type[Told], envelope: EventEnvelope) -> Told:
    """The event of an envelope; fields that a later version adds are not ours to know."""
    words: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = envelope.payload[field.name]
        if field.type == "dt.date":
            value = dt.date.fromisoformat(value)
        words[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**words)


def note_accepted(envelope: EventEnvelope) -> None:
    """``market.enrollment-accepted.v1``."""
    follow_enrollment.note_accepted(event=_read(market.EnrollmentAccepted, envelope))


def note_permit_pending(envelope: EventEnvelope) -> None:
    """``market.enrollment-permit-pending.v1``."""
    follow_enrollment.note_permit_pending(event=_read(market.EnrollmentPermitPending, envelope))


def complete_enrollment(envelope: EventEnvelope) -> None:
    """``market.enrollment-completed.v1``."""
    follow_enrollment.complete_enrollment(event=_read(market.EnrollmentCompleted, envelope))


def reject_enrollment(envelope: EventEnvelope) -> None:
    """``market.enrollment-rejected.v1``."""
    follow_enrollment.reject_enrollment(
        event=_read(market.EnrollmentRejected, envelope), as_of=clock.market_today()
    )


def note_cancelled(envelope: EventEnvelope) -> None:
    """``market.enrollment-cancelled.v1``."""
    follow_enrollment.note_cancelled(
        event=_read(market.EnrollmentCancelled, envelope), as_of=clock.market_today()
    )


def lose_contract(envelope: EventEnvelope) -> None:
    """``market.contract-lost.v1``."""
    end_in_market.lose_contract(event=_read(market.ContractLost, envelope))


def note_move_out_scheduled(envelope: EventEnvelope) -> None:
    """``market.move-out-scheduled.v1``."""
    end_in_market.note_move_out_scheduled(event=_read(market.MoveOutScheduled, envelope))


def note_move_out_rejected(envelope: EventEnvelope) -> None:
    """``market.move-out-rejected.v1``."""
    end_in_market.note_move_out_rejected(event=_read(market.MoveOutRejected, envelope))


def complete_move_out(envelope: EventEnvelope) -> None:
    """``market.move-out-completed.v1``."""
    end_in_market.complete_move_out(event=_read(market.MoveOutCompleted, envelope))


HANDLERS: Mapping[str, Handler] = {
    market.EnrollmentAccepted.event_type: note_accepted,
    market.EnrollmentPermitPending.event_type: note_permit_pending,
    market.EnrollmentCompleted.event_type: complete_enrollment,
    market.EnrollmentRejected.event_type: reject_enrollment,
    market.EnrollmentCancelled.event_type: note_cancelled,
    market.ContractLost.event_type: lose_contract,
    market.MoveOutScheduled.event_type: note_move_out_scheduled,
    market.MoveOutRejected.event_type: note_move_out_rejected,
    market.MoveOutCompleted.event_type: complete_move_out,
}
