"""Customers change how to reach them, and where and how their bills come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ossrep.customer.db import transaction
from ossrep.customer.models import Account, Contact, ContactConsent, Customer
from ossrep.customer.queries.portal.missing import NotThere
from ossrep.customer.queries.portal.profiles import (
    AccountPreferences,
    Preferences,
    Profile,
    get_preferences,
    get_profile,
)
from ossrep.customer.usecases.change_details import change_account
from ossrep.customer.usecases.set_contact import set_contact
from ossrep.infra.audit import history_context
from ossrep.infra.auth.scope import CustomerScope
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.customer import Address, LoginRight


class AccountsIncomplete(DomainError):
    """Preferences are replaced as a whole, and an account is missing or stands twice."""

    code = "accounts_incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """None: it stays as it is."""

    account_id: AccountId
    nickname: str | None = None
    mailing_address: Address | None = None


def change_profile(
    *,
    scope: CustomerScope,
    email: str | None = None,
    phone: str | None = None,
    accounts: Collection[AccountChange] = (),
    check: Callable[[Profile], None],
    as_of: dt.date,
) -> Profile:
    """Changes what is given and gives the profile as it is then.

    ``check`` is given the profile before, while nobody else can change it, and may raise. Raises
    NotThere for accounts out of the scope, and FieldRefused.
    """
    with _by(scope, {change.account_id for change in accounts}):
        before = get_profile(scope=scope)
        check(before)
        if email is not None or phone is not None:
            _reach(before, email=email, phone=phone, as_of=as_of)
        for change in accounts:
            changes = _changes(change)
            if changes:
                change_account(account_id=change.account_id, changes=changes, as_of=as_of)
        return get_profile(scope=scope)


def set_preferences(
    *,
    scope: CustomerScope,
    consents: Mapping[str, bool],
    accounts: Collection[AccountPreferences],
    check: Callable[[Preferences], None],
    as_of: dt.datetime,
    day: dt.date,
) -> Preferences:
    """Replaces the preferences and gives them; ``number`` of the accounts does not matter.

    ``check`` as in ``change_profile``. Raises NotThere, AccountsIncomplete, FieldRefused.
    """
    named = [account.account_id for account in accounts]
    with _by(scope, {AccountId(account_id) for account_id in named}):
        if len(named) != len(scope.account_ids) or set(named) != set(scope.account_ids):
            raise AccountsIncomplete("name every account once", where="accounts")
        check(get_preferences(scope=scope))
        for account in accounts:
            change_account(
                account_id=AccountId(account.account_id),
                changes={
                    "delivery": account.delivery,
                    "email": account.email,
                    "language": account.language,
                },
                as_of=day,
            )
        _decide(scope.customer_id, consents, as_of)
        return get_preferences(scope=scope)


@contextmanager
def _by(scope: CustomerScope, account_ids: Collection[AccountId]) -> Iterator[None]:
    """One edit by a login that may manage, of accounts it reaches, with the records locked."""
    scope.require(LoginRight.MANAGE)
    if not set(account_ids) <= set(scope.account_ids):
        raise NotThere
    with history_context(login=scope.login_id), transaction():
        Customer.objects.select_for_update().get(pk=scope.customer_id)
        list(Account.objects.select_for_update().filter(pk__in=account_ids).order_by("pk"))
        yield


def _reach(before: Profile, *, email: str | None, phone: str | None, as_of: dt.date) -> None:
    """The customer's primary contact gets what is shown, with the changes; without one, a new."""
    found = (
        Contact.objects.filter(customer_id=before.customer_id, account=None, role="primary")
        .order_by("pk")
        .first()
    )
    name = before.business_name or f"{before.first_name} {before.last_name}".strip()
    set_contact(
        customer_id=CustomerId(before.customer_id),
        role="primary",
        name=found.name if found else name,
        email=before.email if email is None else email,
        phone=before.phone if phone is None else phone,
        number=found.number if found else None,
        as_of=as_of,
    )


def _changes(change: AccountChange) -> dict[str, str]:
    found: dict[str, str] = {}
    if change.nickname is not None:
        found["nickname"] = change.nickname
    if address := change.mailing_address:
        found |= {
            "mailing_line1": address.line1,
            "mailing_line2": address.line2,
            "mailing_city": address.city,
            "mailing_state": address.state,
            "mailing_zip": address.zip_code,
        }
    return found


def _decide(customer_id: int, consents: Mapping[str, bool], as_of: dt.datetime) -> None:
    """Only what differs is written: the history holds decisions, not visits."""
    known = {
        consent.channel: consent
        for consent in ContactConsent.objects.filter(customer_id=customer_id)
    }
    for channel, is_given in consents.items():
        consent = known.get(channel) or ContactConsent(customer_id=customer_id, channel=channel)
        if consent.pk and consent.is_given == is_given:
            continue
        if not consent.pk and not is_given:
            continue
        consent.is_given, consent.decided_at = is_given, as_of
        consent.save()
