"""What a login may do, and who may give it: nobody more than they have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ossrep.customer.models import Account, Customer, Login
from ossrep.customer.usecases.logins import LoginUnknown
from ossrep.customer.usecases.refusals import NotOfThisCustomer
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId, LoginId
from ossrep.published.customer import LoginRight


class GrantTooWide(DomainError):
    """A manager can give, or touch, no more than what is theirs."""

    code = "grant_too_wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a login may do, and with which accounts (None: all, those to come included)."""

    rights: frozenset[LoginRight]
    account_ids: tuple[AccountId, ...] | None


EVERYTHING = Grant(rights=frozenset(LoginRight), account_ids=None)


def granter_of(*, customer_id: CustomerId, by: LoginId) -> Login:
    """The manager who acts, the customer locked. Raises GrantTooWide for anybody else."""
    # Managers of one customer take turns: two cannot remove each other.
    Customer.objects.select_for_update().get(pk=customer_id)
    found = Login.objects.filter(pk=by, customer_id=customer_id, closed_at__isnull=True).first()
    if found is None or LoginRight.MANAGE not in found.rights:
        raise GrantTooWide("this login does not manage the customer's logins")
    return found


def target_of(*, customer_id: CustomerId, login_id: LoginId, granter: Login | None) -> Login:
    """The login to be changed, locked; ``granter`` has to have all that it has.

    Raises LoginUnknown and GrantTooWide.
    """
    found = Login.objects.filter(pk=login_id, customer_id=customer_id, closed_at__isnull=True)
    login = found.select_for_update().first()
    if login is None:
        raise LoginUnknown("the customer has no such login", where=f"login {login_id}")
    if granter is not None and login != granter:
        check_grant(granter=granter, grant=_grant_of(login))
    return login


def check_grant(*, granter: Login, grant: Grant) -> None:
    """Raises GrantTooWide, or NotOfThisCustomer for accounts out of the granter's reach."""
    own = _grant_of(granter)
    if not grant.rights | {LoginRight.VIEW} <= own.rights:
        raise GrantTooWide("rights that you do not have are not yours to give", where="rights")
    if grant.account_ids is None:
        if own.account_ids is not None:
            raise GrantTooWide("you do not reach all accounts", where="accountIds")
        return
    known = Account.objects.filter(customer_id=granter.customer_id, pk__in=grant.account_ids)
    within = known if own.account_ids is None else known.filter(pk__in=own.account_ids)
    if within.count() != len(set(grant.account_ids)):
        raise NotOfThisCustomer("an account is not one that you reach", where="accountIds")


def right_values(rights: Collection[LoginRight]) -> list[str]:
    """As kept; every login may view."""
    return sorted({LoginRight.VIEW.value, *(right.value for right in rights)})


def _grant_of(login: Login) -> Grant:
    held = [AccountId(i) for i in login.held_to.values_list("account_id", flat=True)]
    return Grant(
        rights=frozenset(LoginRight(right) for right in login.rights),
        account_ids=None if login.has_all_accounts else tuple(held),
    )
