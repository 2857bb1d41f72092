"""Logins over a customer book in memory, for the tests of other contexts' calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.test import Client

from ossrep.infra.auth.scope import CustomerScope, scope_of
from ossrep.kernel import clock
from ossrep.kernel.identifiers import CustomerId
from ossrep.published.customer import BillingAccount, CustomerLogin, LoginRight, ServedPeriod
from tests.fakes.customer import InMemoryCustomers
from tests.token_issuer import ISSUER, TokenIssuer


def a_login(
    *accounts: BillingAccount, rights: Sequence[LoginRight] = tuple(LoginRight)
) -> CustomerLogin:
    """A login that reaches these accounts and what their contracts serve."""
    served = tuple(
        ServedPeriod(
            account_id=account.account_id,
            esi_id=contract.esi_id,
            start_date=contract.start_date,
            end_date=contract.end_date,
        )
        for account in accounts
        for contract in account.contracts
    )
    return CustomerLogin(
        login_id=1,
        customer_id=accounts[0].customer_id if accounts else CustomerId(999),
        account_ids=tuple(account.account_id for account in accounts),
        esi_ids=tuple(dict.fromkeys(period.esi_id for period in served)),
        rights=frozenset(rights),
        served=served,
    )


def a_scope(*accounts: BillingAccount) -> CustomerScope:
    """The scope of such a login."""
    return scope_of(a_login(*accounts))


def signed_in(
    book: InMemoryCustomers, issuer: TokenIssuer, *, subject: str, login: CustomerLogin
) -> Client:
    """A client with a token whose subject has the login, in force for an hour of the clock."""
    book.logins[ISSUER, subject] = login
    now = int(clock.now().timestamp())
    token = issuer.token(
        sub=subject,
        jti=f"token-of-{subject}",
        sid=f"session-of-{subject}",
        iat=now,
        exp=now + 3600,
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def day(text: str) -> dt.date:
    """``2026-06-15``."""
    return dt.date.fromisoformat(text)
