"""A customer with accounts, premises and contracts, and a portal user's token for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.test import Client

from ossrep.customer.models import Account, Contract, Customer, Premises
from ossrep.customer.queries.logins import find_login
from ossrep.customer.usecases.logins import link_login
from ossrep.infra.auth.scope import CustomerScope, scope_of
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.customer import LoginRight
from tests.factories.customer import a_contract, a_meter, a_person, a_premises, an_account
from tests.token_issuer import ISSUER, TokenIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalUser:
    """A login with its customer; ``contracts[n]`` serves ``accounts[n]`` at ``premises[n]``."""

    subject: str
    token: str
    login_id: int
    customer: Customer
    accounts: tuple[Account, ...]
    premises: tuple[Premises, ...]
    contracts: tuple[Contract, ...]

    @property
    def headers(self) -> dict[str, str]:
        """What the portal sends."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def client(self) -> Client:
        """A client that sends the token."""
        return Client(headers=self.headers)

    @property
    def scope(self) -> CustomerScope:
        """The scope that the calls of this user have."""
        login = find_login(issuer=ISSUER, subject=self.subject)
        assert login is not None
        return scope_of(login)


def a_portal_user(
    issuer: TokenIssuer,
    *,
    subject: str,
    customer: Customer | None = None,
    accounts: int = 2,
    rights: Collection[LoginRight] = tuple(LoginRight),
    held_to: Collection[Account] | None = None,
    **contract: Any,
) -> PortalUser:
    """A login of a customer (a new person unless given) with so many new accounts.

    Each account has a premises with a meter, and a contract since 2026-01-01 (``contract``:
    other values of it). ``held_to``: only these accounts; None: all.
    """
    customer = customer or a_person()
    own = tuple(an_account(customer=customer) for _ in range(accounts))
    places = tuple(a_premises() for _ in own)
    for place in places:
        a_meter(premises=place)
    contracts = tuple(
        a_contract(
            account=account,
            premises=place,
            **{"signed_date": dt.date(2025, 12, 15), **contract},
        )
        for account, place in zip(own, places, strict=True)
    )
    login_id = link_login(
        issuer=ISSUER,
        subject=subject,
        customer_id=CustomerId(customer.pk),
        rights=rights,
        account_ids=None if held_to is None else [AccountId(account.pk) for account in held_to],
    )
    return PortalUser(
        subject=subject,
        token=issuer.token(sub=subject, jti=f"token-of-{subject}", sid=f"session-of-{subject}"),
        login_id=login_id,
        customer=customer,
        accounts=own,
        premises=places,
        contracts=contracts,
    )
