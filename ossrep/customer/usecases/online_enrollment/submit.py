"""All steps are answered: a customer, an account, and a wish to the market for each meter."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.customer.db import transaction
from ossrep.customer.domain import online_enrollment as steps
from ossrep.customer.models import EnrollmentConsent, OnlineEnrollment, Premises
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.create_account import create_account
from ossrep.customer.usecases.create_customer import create_customer
from ossrep.customer.usecases.create_premises import create_premises
from ossrep.customer.usecases.enroll import Wish, submit_enrollment
from ossrep.customer.usecases.online_enrollment.checks import check_plan, check_service_points
from ossrep.customer.usecases.online_enrollment.defaults import read_defaults
from ossrep.customer.usecases.online_enrollment.start import (
    OnlineEnrollmentClosed,
    find_enrollment,
    take_open_enrollment,
)
from ossrep.customer.usecases.set_contact import set_contact
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId, PremisesId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.published.customer import Address
from ossrep.published.market import ServicePoint
from ossrep.published.product import PlanVersion, ProductService


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who agreed to what: the name as typed, consents by kind, and the caller's address."""

    name: str
    consents: Mapping[str, bool]
    address: str


def submit_online(
    *, reference: str, key: str, signature: Signature, now: dt.datetime
) -> OnlineEnrollment:
    """Makes customer, account and wishes in one transaction; gives the confirmed enrollment.

    Submitting again gives the same. Plan and service points are asked once more, since days may
    lie between. Raises StepNotReached, ConsentMissing, PlanNotOffered, ServicePointRefused,
    FieldRefused, ContractsOverlap, and what ``take_open_enrollment`` raises.
    """
    done = find_enrollment(reference=reference, key=key)
    if done.state == steps.SUBMITTED:
        return done
    with transaction():
        try:
            enrollment = take_open_enrollment(reference=reference, key=key, now=now)
        except OnlineEnrollmentClosed:
            done.refresh_from_db()
            if done.state == steps.SUBMITTED:
                return done
            raise
        _submit(enrollment, signature, now)
    return enrollment


def _submit(enrollment: OnlineEnrollment, signature: Signature, now: dt.datetime) -> None:
    answers = enrollment.answers
    steps.check_reached(answers, step=steps.REVIEW)
    today = now.astimezone(MARKET_ZONE).date()
    service = steps.clean_service(_again(answers[steps.SERVICE]), today=today)
    consents = steps.check_consents(signature.consents, delivery=answers[steps.MAILING]["delivery"])
    plan = check_plan(
        plan_version_id=answers[steps.PLAN]["plan_id"],
        customer_type=answers[steps.CUSTOMER_TYPE]["customer_type"],
        zip_code=service["zip"],
    )
    points = check_service_points(
        esi_ids=answers[steps.METERS]["esi_ids"],
        zip_code=service["zip"],
        kind=service["kind"],
        plan=plan,
    )
    account_id = _open_account(answers, plan, list(points.values()), today)
    numbers = [
        _wish(account_id, point, service, plan, now)
        for point in (points[esi_id] for esi_id in answers[steps.METERS]["esi_ids"])
    ]
    _confirm(enrollment, account_id, numbers, now)
    EnrollmentConsent.objects.bulk_create(
        EnrollmentConsent(
            enrollment=enrollment,
            kind=kind,
            plan_version_id=plan.plan_version_id,
            signed_name=signature.name,
            address=signature.address,
            given_at=now,
        )
        for kind in consents
    )


def _again(service: Mapping[str, Any]) -> dict[str, Any]:
    """The stored step as it came in, to be judged on another day."""
    date = service["start_date"]
    return {**service, "start_date": dt.date.fromisoformat(date) if date else None}


def _open_account(
    answers: Mapping[str, Any],
    plan: PlanVersion,
    points: Sequence[ServicePoint],
    today: dt.date,
) -> AccountId:
    customer_type = answers[steps.CUSTOMER_TYPE]["customer_type"]
    contact, mailing = answers[steps.CONTACT], answers[steps.MAILING]
    customer_id = create_customer(
        customer_type=customer_type,
        first_name=contact["first_name"],
        last_name=contact["last_name"],
        business_name=contact["business_name"],
    )
    brand = resolve(ProductService).get_brands(brand_ids=[plan.brand_id])[plan.brand_id]
    account_id = create_account(
        customer_id=customer_id,
        brand_code=brand.code,
        customer_class=plan.document.get("customer_class") or _class_of(customer_type, points),
        mailing_address=Address(
            line1=mailing["mailing_line1"],
            line2=mailing["mailing_line2"],
            city=mailing["mailing_city"],
            state=mailing["mailing_state"],
            zip_code=mailing["mailing_zip"],
        ),
        delivery=mailing["delivery"],
        email=contact["email"],
        language=contact["language"],
    )
    set_contact(
        customer_id=customer_id,
        role="primary",
        name=contact["contact_name"],
        email=contact["email"],
        phone=contact["phone"],
        as_of=today,
    )
    return account_id


def _class_of(customer_type: str, points: Sequence[ServicePoint]) -> str:
    if customer_type == "individual":
        return "residential"
    known = read_defaults().customer_classes
    classes = {known.get(point.premise_type, "small_commercial") for point in points}
    return "large_commercial" if "large_commercial" in classes else "small_commercial"


def _wish(
    account_id: AccountId,
    point: ServicePoint,
    service: Mapping[str, Any],
    plan: PlanVersion,
    now: dt.datetime,
) -> str:
    date = service["start_date"]
    return submit_enrollment(
        wish=Wish(
            kind=service["kind"],
            account_id=account_id,
            premises_id=_premises(point, service),
            plan_code=plan.plan_code,
            plan_version=plan.version,
            wanted_date=dt.date.fromisoformat(date) if date else None,
            is_priority=service["is_priority"],
            has_special_needs=service["has_special_needs"],
            consented_date=now.astimezone(MARKET_ZONE).date(),
            consent_channel="web",
        ),
        now=now,
    )


def _premises(point: ServicePoint, service: Mapping[str, Any]) -> PremisesId:
    """The premises of the ESI ID; as the market's registry and the person name it, where new."""
    found = Premises.objects.filter(esi_id=point.esi_id).values_list("pk", flat=True).first()
    if found is not None:
        return PremisesId(found)
    rate_classes = read_defaults().rate_classes
    return create_premises(
        esi_id=point.esi_id,
        tdsp_code=point.tdsp_code,
        read_cycle=point.read_cycle,
        rate_class=rate_classes.get(point.premise_type, rate_classes["Residential"]),
        service_address=Address(
            line1=point.street or service["street"],
            line2=point.street_line2 if point.street else service["unit"],
            city=point.city or service["city"],
            state="TX",
            zip_code=point.zip_code or service["zip"],
        ),
        county=point.county,
        tax_place=_place_code(point.city or service["city"]),
    )


def _place_code(city: str) -> str:
    """The code that taxes are imported under for a city; billing holds the bill where it is not."""
    return re.sub(r"[^a-z0-9]+", "-", city.lower()).strip("-")


def _confirm(
    enrollment: OnlineEnrollment, account_id: AccountId, numbers: Sequence[str], now: dt.datetime
) -> None:
    enrollment.state = steps.SUBMITTED
    enrollment.number = take_number("online_enrollment")
    enrollment.account_id = int(account_id)
    enrollment.enrollment_numbers = list(numbers)
    enrollment.submitted_at = now
    enrollment.save()
