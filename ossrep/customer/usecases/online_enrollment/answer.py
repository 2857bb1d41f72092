"""One step is answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ossrep.customer.db import transaction
from ossrep.customer.domain import online_enrollment as steps
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.models import OnlineEnrollment
from ossrep.customer.usecases.online_enrollment.checks import check_plan, check_service_points
from ossrep.customer.usecases.online_enrollment.start import take_open_enrollment
from ossrep.kernel.market_time import MARKET_ZONE


def answer_step(
    *, reference: str, key: str, step: str, values: Mapping[str, Any], now: dt.datetime
) -> OnlineEnrollment:
    """Keeps the answer; later answers that were given for another one are taken back.

    Raises FieldRefused, StepNotReached, PlanNotOffered, ServicePointRefused, and what
    ``take_open_enrollment`` raises.
    """
    with transaction():
        enrollment = take_open_enrollment(reference=reference, key=key, now=now)
        steps.check_reached(enrollment.answers, step=step)
        cleaned = _clean(step, values, enrollment.answers, now)
        enrollment.answers = steps.with_answer(enrollment.answers, step=step, answer=cleaned)
        enrollment.save(update_fields=["answers"])
    return enrollment


def _clean(
    step: str, values: Mapping[str, Any], answers: Mapping[str, Any], now: dt.datetime
) -> dict[str, Any]:
    if step == steps.CUSTOMER_TYPE:
        return {"customer_type": values["customer_type"]}
    customer_type = answers[steps.CUSTOMER_TYPE]["customer_type"]
    if step == steps.CONTACT:
        return dict(steps.clean_contact(values, customer_type=customer_type))
    if step == steps.SERVICE:
        return steps.clean_service(values, today=now.astimezone(MARKET_ZONE).date())
    service = answers[steps.SERVICE]
    if step == steps.PLAN:
        plan = check_plan(
            plan_version_id=values["plan_id"], customer_type=customer_type, zip_code=service["zip"]
        )
        return {"plan_id": plan.plan_version_id, "name": plan.name}
    if step == steps.METERS:
        return _clean_meters(values, answers)
    return dict(steps.clean_mailing(values, service=service))


def _clean_meters(values: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    esi_ids: list[str] = values["esi_ids"]
    if len(set(esi_ids)) != len(esi_ids):
        raise FieldRefused("names an ESI ID twice", where="esi_ids")
    service = answers[steps.SERVICE]
    plan = check_plan(
        plan_version_id=answers[steps.PLAN]["plan_id"],
        customer_type=answers[steps.CUSTOMER_TYPE]["customer_type"],
        zip_code=service["zip"],
    )
    check_service_points(esi_ids=esi_ids, zip_code=service["zip"], kind=service["kind"], plan=plan)
    return {"esi_ids": esi_ids}
