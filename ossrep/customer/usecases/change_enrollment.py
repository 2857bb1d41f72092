"""A customer thinks again: another first day, or no service after all."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import enrollment_life
from ossrep.customer.models import Enrollment
from ossrep.customer.usecases.enroll import EnrollmentRefused
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.published.customer import EnrollmentCancelRequested, EnrollmentDateChangeRequested


class EnrollmentUnknown(DomainError):
    """No such enrollment."""

    code = "enrollment_unknown"


def take_enrollment(number: str) -> Enrollment:
    """The enrollment, locked to the end of the transaction; raises EnrollmentUnknown."""
    found = (
        Enrollment.objects.select_for_update(of=("self",))
        .select_related("contract__premises")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise EnrollmentUnknown("is not known", where=f"enrollment {number}")
    return found


def cancel_enrollment(*, number: str, reason: str, now: dt.datetime | None = None) -> None:
    """Asks the market to cancel; the answer ends the contract. Repeating it does nothing.

    Raises EnrollmentUnknown, EnrollmentRefused (it has ended, or the market's day for it is past at
    ``now``, where that is given: service has begun then).
    """
    with transaction():
        enrollment = take_enrollment(number)
        if enrollment.is_cancel_requested:
            return
        _check_open(enrollment)
        _check_not_begun(enrollment, now)
        enrollment.is_cancel_requested = True
        enrollment.save(update_fields=["is_cancel_requested"])
        outbox.append(
            context=ALIAS,
            event=EnrollmentCancelRequested(
                enrollment_id=number, esi_id=enrollment.contract.premises.esi_id, reason=reason
            ),
        )


def change_enrollment_date(
    *, number: str, wanted_date: dt.date, now: dt.datetime | None = None
) -> None:
    """Asks the market for another first day of a move-in. The same day again does nothing.

    Raises EnrollmentUnknown, EnrollmentRefused (it has ended; a switch is cancelled and asked for
    anew: TX SET 814_12 serves moves alone; or the day is past at ``now``, where that is given).
    """
    if now is not None and wanted_date < now.astimezone(MARKET_ZONE).date():
        raise EnrollmentRefused(f"{wanted_date} is past", where=f"enrollment {number}")
    with transaction():
        enrollment = take_enrollment(number)
        if enrollment.kind != enrollment_life.MOVE_IN:
            raise EnrollmentRefused(
                "the day of a switch cannot be changed: cancel it and enroll anew",
                where=f"enrollment {number}",
            )
        _check_open(enrollment)
        if enrollment.wanted_date == wanted_date:
            return
        enrollment.wanted_date = wanted_date
        enrollment.save(update_fields=["wanted_date"])
        outbox.append(
            context=ALIAS,
            event=EnrollmentDateChangeRequested(
                enrollment_id=number,
                esi_id=enrollment.contract.premises.esi_id,
                wanted_date=wanted_date,
            ),
        )


def _check_not_begun(enrollment: Enrollment, now: dt.datetime | None) -> None:
    begins = enrollment.scheduled_date
    if now is not None and begins is not None and begins < now.astimezone(MARKET_ZONE).date():
        raise EnrollmentRefused(
            f"service began on {begins}: a move-out ends it now",
            where=f"enrollment {enrollment.number}",
        )


def _check_open(enrollment: Enrollment) -> None:
    if enrollment.state not in enrollment_life.OPEN:
        raise EnrollmentRefused(
            f"it is {enrollment.state}: nothing is on its way any more",
            where=f"enrollment {enrollment.number}",
        )
