"""A customer's managers change and remove logins, and decide claims; so does staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ossrep.customer.db import transaction
from ossrep.customer.models import Login, LoginClaim
from ossrep.customer.queries.login_list import managers_of
from ossrep.customer.usecases.login_grants import Grant, check_grant, granter_of, target_of
from ossrep.customer.usecases.logins import link_login
from ossrep.infra.auth import revocation
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import CustomerId, LoginId
from ossrep.published.customer import LoginRight

# Longer than any access token of any issuer is in force.
_ENDED_FOR = dt.timedelta(days=1)


class LastManager(DomainError):
    """The customer would have nobody left who manages its logins."""

    code = "last_manager"


class ClaimUnknown(DomainError):
    """The customer has no such claim that waits."""

    code = "claim_unknown"


def change_login(
    *,
    customer_id: CustomerId,
    by: LoginId,
    login_id: LoginId,
    grant: Grant,
    expect: Callable[[Login], None],
) -> None:
    """Gives a login other rights or accounts, in force with its next call.

    ``expect`` is given the locked login and refuses one that is not as the manager saw it.

    Raises LoginUnknown, GrantTooWide, NotOfThisCustomer and LastManager.
    """
    with transaction():
        granter = granter_of(customer_id=customer_id, by=by)
        login = target_of(customer_id=customer_id, login_id=login_id, granter=granter)
        expect(login)
        check_grant(granter=granter, grant=grant)
        if not _manages_all(grant):
            _require_another_manager(login)
        link_login(
            issuer=login.issuer,
            subject=login.subject,
            customer_id=customer_id,
            rights=grant.rights,
            account_ids=grant.account_ids,
        )


def remove_login(
    *, customer_id: CustomerId, by: LoginId | None, login_id: LoginId, as_of: dt.datetime
) -> None:
    """Ends a login's way to the customer; its tokens end within seconds.

    ``by`` None: staff, who may remove the last manager, too. Raises LoginUnknown, GrantTooWide
    and LastManager.
    """
    with transaction():
        granter = None if by is None else granter_of(customer_id=customer_id, by=by)
        login = target_of(customer_id=customer_id, login_id=login_id, granter=granter)
        if granter is not None:
            _require_another_manager(login)
        _close(login, as_of)
    end_access(login, as_of=as_of)


def close_identity(*, issuer: str, subject: str, as_of: dt.datetime) -> None:
    """Its user has closed the account at the provider: the login ends with it, if there is one."""
    with transaction():
        found = Login.objects.filter(issuer=issuer, subject=subject, closed_at__isnull=True)
        login = found.select_for_update().first()
        if login is not None:
            _close(login, as_of)
        LoginClaim.objects.filter(issuer=issuer, subject=subject, state="pending").update(
            state="refused", decided_at=as_of
        )
    if login is not None:
        end_access(login, as_of=as_of)


def decide_claim(
    *,
    customer_id: CustomerId | None,
    by: LoginId | None,
    claim_id: int,
    grant: Grant | None,
    as_of: dt.datetime,
) -> None:
    """Accepts a claim that waits with what is granted, or refuses it (``grant`` None).

    ``customer_id`` and ``by`` None: staff. Raises ClaimUnknown, GrantTooWide, LoginTaken.
    """
    with transaction():
        found = LoginClaim.objects.filter(pk=claim_id, state="pending").select_for_update()
        claim = found.first()
        if claim is None or customer_id not in (None, claim.customer_id):
            raise ClaimUnknown("the customer has no such claim that waits")
        if by is not None:
            granter = granter_of(customer_id=CustomerId(claim.customer_id), by=by)
            if grant is not None:
                check_grant(granter=granter, grant=grant)
        if grant is not None:
            claim.login_id = link_login(
                issuer=claim.issuer,
                subject=claim.subject,
                customer_id=CustomerId(claim.customer_id),
                rights=grant.rights,
                account_ids=grant.account_ids,
                email=claim.email,
            )
        claim.state = "refused" if grant is None else "accepted"
        claim.decided_at = as_of
        claim.save(update_fields=["state", "decided_at", "login"])


def end_access(login: Login, *, as_of: dt.datetime) -> None:
    """Ends what the login's tokens could do, in every process within seconds."""
    revocation.revoke(issuer=login.issuer, expires_at=as_of + _ENDED_FOR, subjects=[login.subject])


def _close(login: Login, as_of: dt.datetime) -> None:
    login.closed_at = as_of
    login.save(update_fields=["closed_at"])


def _manages_all(grant: Grant) -> bool:
    return LoginRight.MANAGE in grant.rights and grant.account_ids is None


def _require_another_manager(login: Login) -> None:
    managers = managers_of(customer_id=login.customer_id)
    if managers.filter(pk=login.pk).exists() and not managers.exclude(pk=login.pk).exists():
        raise LastManager("give another login the right to manage first", where="login")
