"""How far a person's enrollment has come, in their steps and in the market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.customer.domain import online_enrollment
from ossrep.customer.models import Enrollment, OnlineEnrollment


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterProgress:
    """What the market has said of one meter: a state of ``domain/enrollment_life.py``."""

    esi_id: str
    market_state: str
    scheduled_date: dt.date | None
    start_date: dt.date | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``next_step`` is None when nothing is to be answered any more."""

    reference: str
    state: str
    next_step: str | None
    answers: Mapping[str, Any]
    expires_at: dt.datetime
    confirmation_number: str | None
    account_number: str | None
    meters: Sequence[MeterProgress]


def get_progress(*, enrollment: OnlineEnrollment) -> Progress:
    """Of an enrollment that the caller may see."""
    is_open = enrollment.state == online_enrollment.OPEN
    wishes = (
        Enrollment.objects.filter(number__in=enrollment.enrollment_numbers)
        .select_related("contract__premises")
        .order_by("pk")
        if enrollment.enrollment_numbers
        else []
    )
    return Progress(
        reference=enrollment.reference,
        state=enrollment.state,
        next_step=online_enrollment.next_step(enrollment.answers) if is_open else None,
        answers=enrollment.answers,
        expires_at=enrollment.expires_at,
        confirmation_number=enrollment.number,
        account_number=enrollment.account.number if enrollment.account else None,
        meters=[_meter(wish) for wish in wishes],
    )


def _meter(wish: Enrollment) -> MeterProgress:
    return MeterProgress(
        esi_id=wish.contract.premises.esi_id,
        market_state=wish.state,
        scheduled_date=wish.scheduled_date,
        start_date=wish.start_date,
        reason=wish.reason_text,
    )
