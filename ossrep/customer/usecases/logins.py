"""Logins come to a customer, change their rights and are closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import QuerySet

from ossrep.customer.db import transaction
from ossrep.customer.models import Account, Customer, Login, LoginAccount
from ossrep.customer.usecases.refusals import NotOfThisCustomer, refusing
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.customer import LoginRight


class LoginTaken(DomainError):
    """The login belongs to another customer."""

    code = "login_taken"


class LoginUnknown(DomainError):
    """The customer has no such login, or it is closed."""

    code = "login_unknown"


def link_login(
    *,
    issuer: str,
    subject: str,
    customer_id: CustomerId,
    rights: Collection[LoginRight],
    account_ids: Collection[AccountId] | None = None,
    email: str = "",
) -> int:
    """Gives an issuer's subject to a customer, or other rights there; gives the login's id.

    Every login may view. ``email`` is whom people see; empty leaves it. ``account_ids`` None: all
    accounts, those to come included. Repeating a call changes nothing. Raises LoginTaken,
    NotOfThisCustomer and RecordUnknown's kin by the database's rules.
    """
    with refusing(where=f"login {subject}"), transaction():
        # Two links of one subject at once take turns here.
        Customer.objects.select_for_update().get(pk=customer_id)
        login = _open().filter(issuer=issuer, subject=subject).select_for_update().first()
        if login is not None and login.customer_id != customer_id:
            raise LoginTaken("the login belongs to another customer", where=f"login {subject}")
        login = login or Login(issuer=issuer, subject=subject, customer_id=customer_id)
        login.rights = sorted({LoginRight.VIEW.value, *(right.value for right in rights)})
        login.has_all_accounts = account_ids is None
        login.email = email or login.email
        login.save()
        _hold(login, set(account_ids or ()))
    return login.pk


def close_login(*, login_id: int, customer_id: CustomerId, as_of: dt.datetime) -> None:
    """Ends a login's way to the customer; its tokens are the provider's to end.

    Raises LoginUnknown.
    """
    with transaction():
        login = _open().filter(pk=login_id, customer_id=customer_id).select_for_update().first()
        if login is None:
            raise LoginUnknown("the customer has no such login", where=f"login {login_id}")
        login.closed_at = as_of
        login.save(update_fields=["closed_at"])


def _open() -> QuerySet[Login]:
    return Login.objects.filter(closed_at__isnull=True)


def _hold(login: Login, account_ids: set[AccountId]) -> None:
    known = Account.objects.filter(pk__in=account_ids, customer_id=login.customer_id).count()
    if known != len(account_ids):
        raise NotOfThisCustomer("an account is not this customer's", where="account_ids")
    held = login.held_to.all()
    held.exclude(account_id__in=account_ids).delete()
    already = set(held.values_list("account_id", flat=True))
    LoginAccount.objects.bulk_create(
        LoginAccount(login=login, account_id=account_id, customer_id=login.customer_id)
        for account_id in sorted(account_ids - already)
    )
