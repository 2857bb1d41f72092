"""The only door of context ``customer`` for other contexts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from ossrep.customer.queries import billing_accounts, billing_contacts, logins, lookups
from ossrep.customer.usecases import manage_logins
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId, EsiId, TdspCode
from ossrep.published.customer import BillingAccount, BillingContact, ContractRef, CustomerLogin


class CustomerService:
    """Implements ``ossrep.published.customer.CustomerService`` over this context's tables."""

    context: ClassVar[str] = "customer"

    def list_contract_refs(
        self, *, read_cycle: str | None, started_before: dt.date, after: AccountId, limit: int
    ) -> Sequence[ContractRef]:
        return billing_accounts.list_contract_refs(
            read_cycle=read_cycle, started_before=started_before, after=after, limit=limit
        )

    def get_billing_accounts(
        self, *, account_ids: Sequence[AccountId], period_end: dt.date
    ) -> Sequence[BillingAccount]:
        return billing_accounts.get_billing_accounts(account_ids=account_ids, period_end=period_end)

    def find_account_ids(self, *, account_numbers: Collection[str]) -> Mapping[str, AccountId]:
        return lookups.find_account_ids(account_numbers=account_numbers)

    def find_known_esi_ids(self, *, esi_ids: Collection[str]) -> frozenset[EsiId]:
        return lookups.find_known_esi_ids(esi_ids=esi_ids)

    def find_account_numbers(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, str]:
        return lookups.find_account_numbers(esi_ids=esi_ids, served_on=served_on)

    def list_esi_ids(
        self, *, read_cycle: str | None, served_on: dt.date
    ) -> Sequence[tuple[EsiId, TdspCode]]:
        return lookups.list_esi_ids(read_cycle=read_cycle, served_on=served_on)

    def list_billing_contacts(
        self, *, served_on: dt.date, after: str, limit: int
    ) -> Sequence[BillingContact]:
        return billing_contacts.list_billing_contacts(served_on=served_on, after=after, limit=limit)

    def find_billing_contacts(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, BillingContact]:
        return billing_contacts.find_billing_contacts(esi_ids=esi_ids, served_on=served_on)

    def find_login(self, *, issuer: str, subject: str) -> CustomerLogin | None:
        return logins.find_login(issuer=issuer, subject=subject)

    def close_identity(self, *, issuer: str, subject: str) -> None:
        manage_logins.close_identity(issuer=issuer, subject=subject, as_of=clock.now())
