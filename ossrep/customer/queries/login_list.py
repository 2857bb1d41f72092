"""Who may reach a customer, who is invited, and who asks: for the customer's managers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db.models import QuerySet

from ossrep.customer.db import ALIAS
from ossrep.customer.models import Login, LoginClaim, LoginInvitation
from ossrep.infra.auth.scope import CustomerScope
from ossrep.infra.external_role import external
from ossrep.kernel import clock
from ossrep.kernel.identifiers import CustomerId
from ossrep.published.customer import LoginRight


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLine:
    """A login in force; ``account_ids`` None: all accounts."""

    login_id: int
    email: str
    rights: tuple[str, ...]
    account_ids: tuple[int, ...] | None
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLine:
    """An invitation that nobody accepted yet."""

    invitation_id: int
    email: str
    rights: tuple[str, ...]
    account_ids: tuple[int, ...] | None
    created_at: dt.datetime
    expires_at: dt.datetime


_Line = TypeVar("_Line", LoginLine, InvitationLine)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """Somebody who knows a bill of the account and waits."""

    claim_id: int
    email: str
    account_id: int
    account_number: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginList:
    """All three, oldest first."""

    logins: tuple[LoginLine, ...]
    invitations: tuple[InvitationLine, ...]
    claims: tuple[ClaimLine, ...]


def list_logins(*, scope: CustomerScope) -> LoginList:
    """Everything of the scope's customer that touches an account in its reach.

    In five statements. Of accounts out of reach not even the ids are told.
    """
    with external(ALIAS, scope=scope):
        reach = _reach(scope)
        logins = Login.objects.filter(customer_id=scope.customer_id, closed_at__isnull=True)
        invitations = LoginInvitation.objects.filter(
            customer_id=scope.customer_id,
            withdrawn_at__isnull=True,
            login__isnull=True,
            expires_at__gt=clock.now(),
        )
        claims = LoginClaim.objects.filter(customer_id=scope.customer_id, state="pending")
        return LoginList(
            logins=_within(reach, map(line_of, logins.prefetch_related("held_to").order_by("pk"))),
            invitations=_within(reach, map(_invitation, invitations.order_by("pk"))),
            claims=tuple(map(_claim, claims.select_related("account").order_by("pk"))),
        )


def find_login_line(*, scope: CustomerScope, login_id: int) -> LoginLine | None:
    """One login in force of the scope's customer."""
    with external(ALIAS, scope=scope):
        found = Login.objects.filter(
            pk=login_id, customer_id=scope.customer_id, closed_at__isnull=True
        ).first()
        lines = () if found is None else _within(_reach(scope), [line_of(found)])
        return lines[0] if lines else None


def _reach(scope: CustomerScope) -> Collection[int] | None:
    """The accounts that the scope's login is held to; None: all of the customer."""
    is_all = Login.objects.filter(pk=scope.login_id, has_all_accounts=True).exists()
    return None if is_all else frozenset(scope.account_ids)


def _within(reach: Collection[int] | None, lines: Iterable[_Line]) -> tuple[_Line, ...]:
    """Those who reach one of the accounts, shown with no other."""
    if reach is None:
        return tuple(lines)
    found = []
    for line in lines:
        if line.account_ids is None:
            found.append(line)
        elif known := tuple(held for held in line.account_ids if held in reach):
            found.append(replace(line, account_ids=known))
    return tuple(found)


def find_invitation(*, scope: CustomerScope, invitation_id: int) -> InvitationLine | None:
    """One open invitation of the scope's customer."""
    found = [i for i in list_logins(scope=scope).invitations if i.invitation_id == invitation_id]
    return found[0] if found else None


def managers_of(*, customer_id: int) -> QuerySet[Login]:
    """Logins in force that manage all of the customer."""
    return Login.objects.filter(
        customer_id=customer_id,
        closed_at__isnull=True,
        has_all_accounts=True,
        rights__contains=[LoginRight.MANAGE.value],
    )


def list_manager_emails(*, customer_id: CustomerId) -> Sequence[str]:
    """Where to tell them something."""
    found = managers_of(customer_id=customer_id).exclude(email="").order_by("pk")
    return list(found.values_list("email", flat=True))


def line_of(login: Login) -> LoginLine:
    """The login as it is shown."""
    held: Sequence[int] = sorted(held.account_id for held in login.held_to.all())
    return LoginLine(
        login_id=login.pk,
        email=login.email,
        rights=tuple(login.rights),
        account_ids=None if login.has_all_accounts else tuple(held),
        created_at=login.created_at,
    )


def _invitation(row: LoginInvitation) -> InvitationLine:
    return InvitationLine(
        invitation_id=row.pk,
        email=row.email,
        rights=tuple(row.rights),
        account_ids=None if row.has_all_accounts else tuple(row.account_ids),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _claim(row: LoginClaim) -> ClaimLine:
    return ClaimLine(
        claim_id=row.pk,
        email=row.email,
        account_id=row.account_id,
        account_number=row.account.number,
        created_at=row.created_at,
    )
