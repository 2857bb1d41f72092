"""Somebody who holds a bill claims its account for their login."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import structlog
from django.conf import settings

from ossrep.customer.db import transaction
from ossrep.customer.models import Account, ClaimFailure, Customer, Login, LoginClaim
from ossrep.customer.queries.login_list import list_manager_emails
from ossrep.customer.usecases.logins import LoginTaken, link_login
from ossrep.infra import mail
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.billing import BillingService
from ossrep.published.customer import LoginRight

_log = structlog.get_logger(__name__)

TRIES = 5
LOCKED_FOR = dt.timedelta(hours=1)
NOBODYS_ACCOUNT = AccountId(0)


class EmailNotVerified(DomainError):
    """The token does not say that the login's address was shown to be its user's."""

    code = "email_not_verified"


class ClaimRefused(DomainError):
    """No such account, or not what its bill says; nothing tells which."""

    code = "claim_refused"


class ClaimLocked(DomainError):
    """Too many wrong claims for this account or by this login."""

    code = "claim_locked"

    def __init__(self, *, seconds: int) -> None:
        super().__init__("too many wrong claims; try again later, or ask your retailer")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """A login as its token says."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOutcome:
    """``linked``: the login has the customer. ``pending``: a manager or staff has to agree."""

    state: Literal["linked", "pending"]
    account_number: str
    claim_id: int | None = None
    is_new: bool = False


def claim_account(
    *,
    claimant: Claimant,
    account_number: str,
    invoice_number: str,
    total: Decimal,
    as_of: dt.datetime,
) -> ClaimOutcome:
    """Gives the login full rights where the customer has no login yet, else asks for them.

    Claiming again answers the same. Raises EmailNotVerified, ClaimRefused, ClaimLocked after
    ``TRIES`` wrong ones for one account number or by one login, and LoginTaken.
    """
    if not claimant.is_email_verified:
        raise EmailNotVerified("confirm your e-mail address first, then sign in again")
    account = _proven(claimant, account_number, fact=(invoice_number, total), as_of=as_of)
    if account is None:
        raise ClaimRefused("account number, invoice number and amount due do not belong together")
    with transaction():
        # Two who claim at once take turns, so that only one gets in without being asked.
        Customer.objects.select_for_update().get(pk=account.customer_id)
        outcome = _link_or_ask(claimant, account)
    if outcome.state == "pending" and outcome.is_new:
        _tell_managers(claimant, account)
    return outcome


def _proven(
    claimant: Claimant, account_number: str, *, fact: tuple[str, Decimal], as_of: dt.datetime
) -> Account | None:
    """The account, where the fact is right; else the try is counted, whatever comes after."""
    keys = [
        f"account {account_number.strip().upper()}",
        f"login {claimant.issuer}|{claimant.subject}",
    ]
    with transaction():
        rows = _locked_rows(keys, as_of)
        _refuse_locked(rows, as_of)
        account = Account.objects.filter(number=account_number).first()
        # Asked for an unknown account, too: the answer takes as long.
        is_right = resolve(BillingService).check_bill_fact(
            account_id=NOBODYS_ACCOUNT if account is None else AccountId(account.pk),
            invoice_number=fact[0],
            total=fact[1],
        )
        if account is not None and is_right:
            return account
        for row in rows:
            _count(row, as_of)
    return None


def _locked_rows(keys: Sequence[str], as_of: dt.datetime) -> list[ClaimFailure]:
    """The keys' rows under their locks: tries at the same time are counted one after another."""
    hashes = sorted(hashlib.sha256(key.encode()).hexdigest() for key in keys)
    ClaimFailure.objects.bulk_create(
        [ClaimFailure(key_hash=h, failures=0, last_at=as_of) for h in hashes],
        ignore_conflicts=True,
    )
    rows = ClaimFailure.objects.filter(key_hash__in=hashes)
    return list(rows.order_by("key_hash").select_for_update())


def _refuse_locked(rows: Sequence[ClaimFailure], as_of: dt.datetime) -> None:
    until = max((row.locked_until for row in rows if row.locked_until), default=as_of)
    if until > as_of:
        raise ClaimLocked(seconds=int((until - as_of).total_seconds()) + 1)


def _count(row: ClaimFailure, as_of: dt.datetime) -> None:
    is_old = row.last_at <= as_of - LOCKED_FOR
    row.failures = 1 if is_old else row.failures + 1
    row.last_at = as_of
    row.locked_until = as_of + LOCKED_FOR if row.failures >= TRIES else None
    row.save(update_fields=["failures", "last_at", "locked_until"])


def _link_or_ask(claimant: Claimant, account: Account) -> ClaimOutcome:
    who = {"issuer": claimant.issuer, "subject": claimant.subject}
    open_logins = Login.objects.filter(closed_at__isnull=True)
    own = open_logins.filter(**who).first()
    if own is not None and own.customer_id != account.customer_id:
        raise LoginTaken("this login has another customer; sign in by another one", where="login")
    if own is not None:
        return ClaimOutcome(state="linked", account_number=account.number)
    if not open_logins.filter(customer_id=account.customer_id).exists():
        link_login(
            issuer=claimant.issuer,
            subject=claimant.subject,
            customer_id=CustomerId(account.customer_id),
            rights=list(LoginRight),
            email=claimant.email,
        )
        return ClaimOutcome(state="linked", account_number=account.number, is_new=True)
    claim, is_new = LoginClaim.objects.get_or_create(
        **who,
        state="pending",
        defaults={
            "email": claimant.email,
            "customer_id": account.customer_id,
            "account": account,
        },
    )
    if claim.customer_id != account.customer_id:
        raise LoginTaken("this login waits for another customer already", where="login")
    return ClaimOutcome(
        state="pending", account_number=account.number, claim_id=claim.pk, is_new=is_new
    )


def _tell_managers(claimant: Claimant, account: Account) -> None:
    """The claim stands in their list all the same where a message cannot be sent."""
    told = {
        "email": claimant.email,
        "account_number": account.number,
        "link": settings.OSSREP_PORTAL_URL,
    }
    for address in list_manager_emails(customer_id=CustomerId(account.customer_id)):
        try:
            mail.send(to=address, template="customer/mail/claim.txt", context=told)
        except mail.MailNotSent as error:
            _log.warning("claim_not_told", account=account.number, error=str(error))
