"""A customer's managers invite others by e-mail."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from ossrep.customer.db import transaction
from ossrep.customer.models import Account, Login, LoginInvitation
from ossrep.customer.usecases.claim_account import Claimant, EmailNotVerified
from ossrep.customer.usecases.login_grants import Grant, check_grant, granter_of, right_values
from ossrep.customer.usecases.logins import LoginTaken, link_login
from ossrep.infra import mail
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId, LoginId
from ossrep.published.customer import LoginRight

INVITED_FOR = dt.timedelta(days=7)
OPEN_INVITATIONS_MAX = 50


class InvitationUnknown(DomainError):
    """No such invitation, or it is over, or it is for another address; nothing tells which."""

    code = "invitation_unknown"


class TooManyInvitations(DomainError):
    """The customer has as many open invitations as there may be."""

    code = "too_many_invitations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation that was sent."""

    invitation_id: int
    expires_at: dt.datetime


def invite(
    *, customer_id: CustomerId, by: LoginId, email: str, grant: Grant, as_of: dt.datetime
) -> Invited:
    """Asks an address to join; an open invitation of the same address ends.

    Raises GrantTooWide, NotOfThisCustomer, TooManyInvitations and MailNotSent.
    """
    secret = secrets.token_urlsafe(32)
    address = email.strip().lower()
    with transaction():
        granter = granter_of(customer_id=customer_id, by=by)
        check_grant(granter=granter, grant=grant)
        open_ones = _open_invitations().filter(customer_id=customer_id)
        open_ones.filter(email=address).update(withdrawn_at=as_of)
        if open_ones.count() >= OPEN_INVITATIONS_MAX:
            raise TooManyInvitations("withdraw invitations that nobody accepts, then invite again")
        invitation = LoginInvitation.objects.create(
            customer_id=customer_id,
            email=address,
            rights=right_values(grant.rights),
            has_all_accounts=grant.account_ids is None,
            account_ids=sorted(grant.account_ids or ()),
            secret_hash=_digest(secret),
            invited_by=granter,
            expires_at=as_of + INVITED_FOR,
        )
    _tell(invitation, granter, secret)
    return Invited(invitation_id=invitation.pk, expires_at=invitation.expires_at)


def withdraw(*, customer_id: CustomerId, invitation_id: int, as_of: dt.datetime) -> None:
    """Ends an open invitation. Raises InvitationUnknown."""
    with transaction():
        found = _open_invitations().filter(customer_id=customer_id, pk=invitation_id)
        if not found.update(withdrawn_at=as_of):
            raise InvitationUnknown("the customer has no such open invitation")


def accept(*, claimant: Claimant, secret: str, as_of: dt.datetime) -> LoginId:
    """Makes the invited address's login one of the customer's.

    Raises EmailNotVerified, InvitationUnknown and LoginTaken.
    """
    if not claimant.is_email_verified:
        raise EmailNotVerified("confirm your e-mail address first, then sign in again")
    with transaction():
        open_ones = _open_invitations().filter(secret_hash=_digest(secret), expires_at__gt=as_of)
        invitation = open_ones.select_for_update().first()
        if invitation is None or invitation.email != claimant.email.lower():
            raise InvitationUnknown("this invitation is not valid, or for another address")
        who = {"issuer": claimant.issuer, "subject": claimant.subject}
        if Login.objects.filter(**who, closed_at__isnull=True).exists():
            raise LoginTaken("this login has a customer already; sign in by another one")
        # An account that was moved away since is not given.
        accounts = Account.objects.filter(
            customer_id=invitation.customer_id, pk__in=invitation.account_ids
        )
        held = None if invitation.has_all_accounts else [AccountId(a.pk) for a in accounts]
        login_id = link_login(
            **who,
            customer_id=CustomerId(invitation.customer_id),
            rights=[LoginRight(right) for right in invitation.rights],
            account_ids=held,
            email=claimant.email,
        )
        invitation.login_id = login_id
        invitation.save(update_fields=["login"])
    return LoginId(login_id)


def _open_invitations() -> QuerySet[LoginInvitation]:
    return LoginInvitation.objects.filter(withdrawn_at__isnull=True, login__isnull=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _tell(invitation: LoginInvitation, granter: Login, secret: str) -> None:
    """The secret leaves by mail only."""
    mail.send(
        to=invitation.email,
        template="customer/mail/invitation.txt",
        context={
            "inviter": granter.email or "A manager",
            "customer": invitation.customer.name,
            "link": f"{settings.OSSREP_PORTAL_URL}/invitations#{secret}",
        },
    )
