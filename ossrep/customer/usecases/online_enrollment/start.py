"""A way through the steps begins, and who may go on with it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets

from django.db.models import QuerySet

from ossrep.customer.db import transaction
from ossrep.customer.domain import online_enrollment
from ossrep.customer.models import OnlineEnrollment
from ossrep.customer.usecases.online_enrollment.defaults import read_defaults
from ossrep.kernel.errors import DomainError

_REFERENCE_BYTES = 15
_KEY_BYTES = 32


class OnlineEnrollmentUnknown(DomainError):
    """No such enrollment, or another's: the same answer for both."""

    code = "enrollment_unknown"


class OnlineEnrollmentClosed(DomainError):
    """It was submitted, given up, or left for too long."""

    code = "enrollment_closed"


def start_enrollment(*, now: dt.datetime) -> tuple[OnlineEnrollment, str]:
    """A new enrollment and its key; the key is told once and kept only as its hash."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    reference = base64.b32encode(secrets.token_bytes(_REFERENCE_BYTES)).decode().lower()
    enrollment = OnlineEnrollment.objects.create(
        reference=reference,
        key_sha256=_sha256(key),
        started_at=now,
        expires_at=now + dt.timedelta(days=read_defaults().days_kept),
    )
    return enrollment, key


def find_enrollment(*, reference: str, key: str) -> OnlineEnrollment:
    """Whatever has become of it. Raises OnlineEnrollmentUnknown."""
    return _checked(OnlineEnrollment.objects.filter(reference=reference), key)


def take_open_enrollment(*, reference: str, key: str, now: dt.datetime) -> OnlineEnrollment:
    """One that can still be answered, locked to the end of the transaction.

    Raises OnlineEnrollmentUnknown and OnlineEnrollmentClosed.
    """
    locked = OnlineEnrollment.objects.select_for_update().filter(reference=reference)
    enrollment = _checked(locked, key)
    if enrollment.state != online_enrollment.OPEN:
        raise OnlineEnrollmentClosed(f"the enrollment is {enrollment.state}", where=reference)
    if enrollment.expires_at <= now:
        raise OnlineEnrollmentClosed(
            f"the enrollment was open until {enrollment.expires_at:%Y-%m-%d}; start a new one",
            where=reference,
        )
    return enrollment


def abandon_enrollment(*, reference: str, key: str, now: dt.datetime) -> None:
    """Gives it up; its answers are deleted. Raises as ``take_open_enrollment``."""
    with transaction():
        enrollment = take_open_enrollment(reference=reference, key=key, now=now)
        enrollment.state = online_enrollment.ABANDONED
        enrollment.answers = {}
        enrollment.save(update_fields=["state", "answers"])


def abandon_expired(*, as_of: dt.datetime) -> int:
    """Gives up what was left open for too long; gives how many."""
    return OnlineEnrollment.objects.filter(
        state=online_enrollment.OPEN, expires_at__lte=as_of
    ).update(state=online_enrollment.ABANDONED, answers={})


def _checked(found: QuerySet[OnlineEnrollment], key: str) -> OnlineEnrollment:
    enrollment = found.first()
    kept = enrollment.key_sha256 if enrollment else ""
    # Compared in any case, so that time does not tell whether the reference is known.
    is_key = hmac.compare_digest(_sha256(key), kept)
    if enrollment is None or not is_key:
        raise OnlineEnrollmentUnknown("there is no such enrollment, or the key is not its own")
    return enrollment


def _sha256(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
