"""What the market answers to an enrollment, and what becomes of its contract."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import transaction
from ossrep.customer.domain import contract_life, enrollment_life
from ossrep.customer.models import Contract, Enrollment
from ossrep.customer.usecases.activate_contract import activate_contract
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.customer.usecases.change_enrollment import take_enrollment
from ossrep.customer.usecases.end_contract import end_contract
from ossrep.kernel.identifiers import ContractId
from ossrep.published.market import (
    EnrollmentAccepted,
    EnrollmentCancelled,
    EnrollmentCompleted,
    EnrollmentPermitPending,
    EnrollmentRejected,
)


def note_accepted(*, event: EnrollmentAccepted) -> None:
    """It is scheduled; the day may still move."""
    with transaction():
        enrollment = take_enrollment(event.enrollment_id)
        enrollment.step(enrollment_life.ACCEPTED, order_reference=event.order_reference)
        enrollment.scheduled_date = event.scheduled_date
        enrollment.save()


def note_permit_pending(*, event: EnrollmentPermitPending) -> None:
    """A city's permit is waited for."""
    with transaction():
        enrollment = take_enrollment(event.enrollment_id)
        enrollment.step(enrollment_life.PERMIT_PENDING, order_reference=event.order_reference)
        enrollment.save()


def complete_enrollment(*, event: EnrollmentCompleted) -> None:
    """Service has begun: the contract is active from that day; the tenant's before ends there."""
    with transaction():
        enrollment = take_enrollment(event.enrollment_id)
        enrollment.step(enrollment_life.COMPLETED, order_reference=event.order_reference)
        enrollment.start_date = event.start_date
        enrollment.save()
        _end_former(enrollment.contract, event.start_date)
        activate_contract(
            contract_id=ContractId(enrollment.contract_id), start_date=event.start_date
        )


def _end_former(contract: Contract, start: dt.date) -> None:
    """In this market a move-in itself ends the service of whoever had the premises."""
    former = Contract.objects.filter(
        premises_id=contract.premises_id, status__in=contract_life.SERVING, start_date__lt=start
    )
    for one in former:
        if one.end_date is None or one.end_date > start:
            end_contract(
                contract_id=ContractId(one.pk),
                end_date=start,
                reason=one.end_reason or "move_out",
                is_correction=one.status == contract_life.ENDED,
            )


def reject_enrollment(*, event: EnrollmentRejected, as_of: dt.date) -> None:
    """The market refuses: the contract is given up."""
    with transaction():
        enrollment = take_enrollment(event.enrollment_id)
        enrollment.step(enrollment_life.REJECTED, order_reference=event.order_reference)
        enrollment.tell_reason(codes=event.reason_codes, words=event.reason_text)
        enrollment.save()
        _give_up(enrollment, as_of)


def note_cancelled(*, event: EnrollmentCancelled, as_of: dt.date) -> None:
    """It will not happen: the contract is given up."""
    with transaction():
        enrollment = take_enrollment(event.enrollment_id)
        enrollment.step(enrollment_life.CANCELLED, order_reference=event.order_reference)
        enrollment.tell_reason(codes=[event.reason_code], words=event.reason_text)
        enrollment.save()
        _give_up(enrollment, as_of)


def _give_up(enrollment: Enrollment, as_of: dt.date) -> None:
    reason = f"{enrollment.state}: {enrollment.reason_codes} {enrollment.reason_text}"
    cancel_contract(
        contract_id=ContractId(enrollment.contract_id), reason=reason.strip()[:200], as_of=as_of
    )
