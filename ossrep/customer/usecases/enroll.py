"""A customer asks for service: a pending contract and the wish to the market, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import enrollment_life, records
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.models import Contact, Contract, Enrollment
from ossrep.customer.models.enrollment import is_wish_alike
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.move_in import move_in
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, PremisesId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.published.customer import Address, EnrollmentSubmitted


class EnrollmentRefused(DomainError):
    """The wish cannot be told to the market as it is."""

    code = "enrollment_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer wants, and how the consent was given.

    ``number`` names the wish once and for all (None: the next of the series). ``wanted_date``
    None is for a switch alone: the first day possible.
    """

    kind: str
    account_id: AccountId
    premises_id: PremisesId
    plan_code: str
    plan_version: int | None = None
    wanted_date: dt.date | None = None
    is_priority: bool = False
    has_special_needs: bool = False
    wants_usage_history: bool = False
    consented_date: dt.date | None = None
    consent_channel: str = ""
    number: str | None = None


def submit_enrollment(*, wish: Wish, now: dt.datetime) -> str:
    """Keeps the wish and tells it; gives its number. The same number again changes nothing.

    Raises EnrollmentRefused, NumberTaken (the number names another wish), and what
    ``move_in`` raises.
    """
    _check(wish)
    today = now.astimezone(MARKET_ZONE).date()
    with refusing(where=f"enrollment {wish.number or 'new'}"), transaction():
        known = _known(wish)
        if known is not None:
            return known.number
        contract_id = move_in(
            account_id=wish.account_id,
            premises_id=wish.premises_id,
            plan_code=wish.plan_code,
            plan_version=wish.plan_version,
            start_date=wish.wanted_date or today,
            signed_date=wish.consented_date,
        )
        if Enrollment.objects.filter(contract_id=contract_id).exists():
            raise EnrollmentRefused(
                "an enrollment waits for this account, premises and day already",
                where=f"contract {contract_id}",
            )
        enrollment = Enrollment.objects.create(
            number=wish.number or take_number("enrollment"),
            contract_id=contract_id,
            submitted_at=now,
            **_kept(wish),
        )
        outbox.append(context=ALIAS, event=_submitted(enrollment))
    return enrollment.number


def _check(wish: Wish) -> None:
    if wish.number is not None:
        records.CONTRACT.columns["contract_number"].check(wish.number)
    if wish.kind not in enrollment_life.KINDS:
        known = ", ".join(enrollment_life.KINDS)
        raise FieldRefused(f'"{wish.kind}" is none of {known}', where="kind")
    if wish.consent_channel not in enrollment_life.CHANNELS:
        known = ", ".join(filter(None, enrollment_life.CHANNELS))
        raise FieldRefused(f'"{wish.consent_channel}" is none of {known}', where="consent_channel")
    if wish.kind == enrollment_life.MOVE_IN and wish.wanted_date is None:
        raise EnrollmentRefused("a move-in needs the day that is wanted", where="wanted_date")
    if wish.kind == enrollment_life.SWITCH and wish.is_priority:
        raise EnrollmentRefused("only a move-in has priority", where="is_priority")


def _known(wish: Wish) -> Enrollment | None:
    if wish.number is None:
        return None
    known = Enrollment.objects.select_related("contract").filter(number=wish.number).first()
    if known is None:
        return None
    contract = {"account_id": int(wish.account_id), "premises_id": int(wish.premises_id)}
    if not is_wish_alike(known, _kept(wish)) or not is_wish_alike(known.contract, contract):
        raise NumberTaken("names another wish", where=f"enrollment {wish.number}")
    return known


def _kept(wish: Wish) -> dict[str, Any]:
    return {
        "kind": wish.kind,
        "wanted_date": wish.wanted_date,
        "is_priority": wish.is_priority,
        "has_special_needs": wish.has_special_needs,
        "wants_usage_history": wish.wants_usage_history,
        "consented_date": wish.consented_date,
        "consent_channel": wish.consent_channel,
    }


def _submitted(enrollment: Enrollment) -> EnrollmentSubmitted:
    contract = Contract.objects.select_related("account__customer", "premises").get(
        pk=enrollment.contract_id
    )
    account, premises = contract.account, contract.premises
    name, phone = contact_of(contract)
    return EnrollmentSubmitted(
        enrollment_id=enrollment.number,
        kind=enrollment.kind,
        brand_id=account.brand_id,
        account_number=account.number,
        esi_id=premises.esi_id,
        tdsp_code=premises.tdsp_code,
        zip_code=premises.service_zip,
        wanted_date=enrollment.wanted_date,
        is_priority=enrollment.is_priority,
        customer_name=account.bill_to_name or account.customer.name,
        contact_name=name,
        contact_phone=phone,
        service_address=Address(
            line1=premises.service_line1,
            line2=premises.service_line2,
            city=premises.service_city,
            state=premises.service_state,
            zip_code=premises.service_zip,
        ),
        has_special_needs=enrollment.has_special_needs,
        wants_usage_history=enrollment.wants_usage_history,
    )


def contact_of(contract: Contract) -> tuple[str, str]:
    """Name and phone of whom the wires company may call: the account's contact, or the customer's.

    Where no contact is known, the customer's name and no phone.
    """
    account = contract.account
    contacts = Contact.objects.filter(customer_id=account.customer_id).order_by("pk")
    own = contacts.filter(account_id=account.pk).first()
    found = own or contacts.filter(account__isnull=True).first()
    return (found.name, found.phone) if found else (account.customer.name, "")
