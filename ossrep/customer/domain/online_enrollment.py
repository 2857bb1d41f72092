"""The steps in which a person enrolls by a portal: their order, and what each may hold.

An answer is a mapping of plain JSON values, as it is stored. What concerns the market or the
catalogue (is the plan sold there, does the meter serve?) is the use case's to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from ossrep.customer.domain import enrollment_life, records
from ossrep.customer.domain.cells import FieldRefused
from ossrep.kernel.errors import DomainError

CUSTOMER_TYPE: Final = "customer-type"
CONTACT: Final = "contact"
SERVICE: Final = "service"
PLAN: Final = "plan"
METERS: Final = "meters"
MAILING: Final = "mailing"
REVIEW: Final = "review"
STEPS: Final = (CUSTOMER_TYPE, CONTACT, SERVICE, PLAN, METERS, MAILING, REVIEW)
ANSWERED_STEPS: Final = STEPS[:-1]
"""The last step is the submission itself."""

CLEARED: Final[Mapping[str, tuple[str, ...]]] = {
    CUSTOMER_TYPE: (CONTACT, PLAN, METERS),
    SERVICE: (PLAN, METERS),
    PLAN: (METERS,),
}
"""Answers that another answer takes back: they were given for what is no longer so."""

TERMS: Final = "terms_of_service"
LABEL: Final = "electricity_facts_label"
RIGHTS: Final = "customer_rights"
AUTHORIZATION: Final = "enrollment_authorization"
ELECTRONIC: Final = "electronic_documents"
CONSENTS: Final = (TERMS, LABEL, RIGHTS, AUTHORIZATION, ELECTRONIC)

DAYS_AHEAD_MAX: Final = 90
METERS_MAX: Final = 20

OPEN: Final = "open"
SUBMITTED: Final = "submitted"
ABANDONED: Final = "abandoned"
STATES: Final = (OPEN, SUBMITTED, ABANDONED)


class StepNotReached(DomainError):
    """An earlier step has no answer yet."""

    code = "step_not_reached"


class ConsentMissing(DomainError):
    """Something was not consented to that the rules demand (16 TAC §25.474)."""

    code = "consent_missing"


def next_step(answers: Mapping[str, Any]) -> str:
    """The first step without an answer; the review when all others have one."""
    return next((step for step in ANSWERED_STEPS if step not in answers), REVIEW)


def check_reached(answers: Mapping[str, Any], *, step: str) -> None:
    """Raises StepNotReached where an earlier step has no answer."""
    waiting = next_step(answers)
    if STEPS.index(step) > STEPS.index(waiting):
        raise StepNotReached(f'answer "{waiting}" first', where=step)


def with_answer(answers: Mapping[str, Any], *, step: str, answer: Any) -> dict[str, Any]:
    """All answers with this one; those that it takes back are gone."""
    if answers.get(step) == answer:
        return dict(answers)
    gone = CLEARED.get(step, ())
    kept = {name: value for name, value in answers.items() if name not in gone}
    return {**kept, step: answer}


def clean_contact(values: Mapping[str, str], *, customer_type: str) -> dict[str, str]:
    """Names, e-mail, phone and language as records hold them. Raises FieldRefused."""
    named = {
        "type": customer_type,
        "first_name": values.get("first_name", ""),
        "last_name": values.get("last_name", ""),
        "business_name": values.get("business_name", ""),
    }
    columns = records.CUSTOMER.columns
    kept = records.CUSTOMER.clean(named, [columns[name] for name in named])
    kept.pop("type")
    if customer_type == "business" and not values.get("contact_name"):
        raise FieldRefused("is required for a business", where="contact_name")
    name = values.get("contact_name") or f"{kept['first_name']} {kept['last_name']}".strip()
    reached = {"name": name, "email": values["email"], "phone": values["phone"]}
    contact = records.CONTACT.clean(reached, [records.CONTACT.columns[n] for n in reached])
    language = records.ACCOUNT.columns["language"].check(values.get("language", "en"))
    kept["contact_name"] = contact.pop("name")
    return {**kept, **contact, "language": language}


def clean_service(values: Mapping[str, Any], *, today: dt.date) -> dict[str, Any]:
    """Where and from when service is wanted.

    A move-in needs a day, today or at most ``DAYS_AHEAD_MAX`` days on; a switch may leave it open.
    Raises FieldRefused.
    """
    place = {
        "service_line1": values["street"],
        "service_line2": values.get("unit", ""),
        "service_city": values["city"],
        "service_state": values.get("state", "TX"),
        "service_zip": values["zip"],
    }
    kept = records.PREMISES.clean(place, [records.PREMISES.columns[name] for name in place])
    if kept["service_state"] != "TX":
        raise FieldRefused("service is sold in Texas only", where="state")
    date: dt.date | None = values.get("start_date")
    kind = values["kind"]
    if date is None and kind == enrollment_life.MOVE_IN:
        raise FieldRefused("is required for a move-in", where="start_date")
    if date is not None and not today <= date <= today + dt.timedelta(days=DAYS_AHEAD_MAX):
        raise FieldRefused(
            f"is {date}; take a day from {today} to {DAYS_AHEAD_MAX} days later", where="start_date"
        )
    if values.get("is_priority", False) and kind != enrollment_life.MOVE_IN:
        raise FieldRefused("only a move-in has priority", where="is_priority")
    return {
        "street": kept["service_line1"],
        "unit": kept["service_line2"],
        "city": kept["service_city"],
        "state": kept["service_state"],
        "zip": kept["service_zip"],
        "kind": kind,
        "start_date": date.isoformat() if date else None,
        "is_priority": bool(values.get("is_priority", False)),
        "has_special_needs": bool(values.get("has_special_needs", False)),
    }


def clean_mailing(values: Mapping[str, Any], *, service: Mapping[str, Any]) -> dict[str, str]:
    """Where and how bills go; without an address of its own, to the service address.

    Raises FieldRefused.
    """
    source = values.get("address") or service
    mailing = {
        "mailing_line1": source["street"],
        "mailing_line2": source.get("unit", ""),
        "mailing_city": source["city"],
        "mailing_state": source.get("state", "TX"),
        "mailing_zip": source["zip"],
        "delivery": values["delivery"],
    }
    return records.ACCOUNT.clean(mailing, [records.ACCOUNT.columns[name] for name in mailing])


def check_consents(given: Mapping[str, bool], *, delivery: str) -> tuple[str, ...]:
    """The consents to keep, in the order of ``CONSENTS``. Raises ConsentMissing."""
    needed = [kind for kind in CONSENTS if kind != ELECTRONIC or delivery == "email"]
    missing = [kind for kind in needed if not given.get(kind, False)]
    if missing:
        raise ConsentMissing(f"consent is needed to: {', '.join(missing)}", where="consents")
    return tuple(needed)
