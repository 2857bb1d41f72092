"""A customer book in memory, for the tests of other contexts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import ClassVar

from ossrep.kernel.identifiers import (
    AccountId,
    BrandId,
    ContractId,
    CustomerId,
    EsiId,
    PlanVersionId,
    PremisesId,
    TdspCode,
)
from ossrep.published.customer import (
    Address,
    BillingAccount,
    BillingContact,
    BillingContract,
    ContractRef,
    CustomerLogin,
    TaxExemption,
)


def an_address(*, line1: str = "100 Main St", zip_code: str = "75201") -> Address:
    """An address in Dallas."""
    return Address(line1=line1, line2="", city="Dallas", state="TX", zip_code=zip_code)


def a_contract(
    *,
    contract_id: int,
    account_id: int,
    esi_id: str = "",
    plan_version_id: int = 1,
    start_date: dt.date = dt.date(2026, 1, 1),
    end_date: dt.date | None = None,
    term_end_date: dt.date | None = None,
    tdsp_code: str = "ONCOR_ELEC",
    rate_class: str = "residential",
    read_cycle: str = "07",
    tax_place: str = "DALLAS",
    exemption: TaxExemption = "none",
) -> BillingContract:
    """A contract whose premises, ESI ID and meter follow from its id unless given."""
    return BillingContract(
        contract_id=ContractId(contract_id),
        account_id=AccountId(account_id),
        premises_id=PremisesId(contract_id),
        esi_id=EsiId(esi_id or f"1044372{contract_id:010d}"),
        meter_number=f"M{contract_id:08d}",
        tdsp_code=TdspCode(tdsp_code),
        rate_class=rate_class,
        read_cycle=read_cycle,
        plan_version_id=PlanVersionId(plan_version_id),
        start_date=start_date,
        end_date=end_date,
        term_end_date=term_end_date,
        service_address=an_address(),
        tax_place=tax_place,
        exemption=exemption,
    )


def an_account(
    *,
    account_id: int,
    contracts: Iterable[BillingContract] | None = None,
    brand_id: int = 1,
    **changes: object,
) -> BillingAccount:
    """A residential account with one contract unless others are given."""
    chosen = [a_contract(contract_id=account_id, account_id=account_id)]
    account = BillingAccount(
        account_id=AccountId(account_id),
        account_number=f"{account_id:09d}",
        customer_id=CustomerId(account_id),
        customer_name=f"Customer {account_id}",
        customer_class="residential",
        brand_id=BrandId(brand_id),
        bill_to_name=f"Customer {account_id}",
        mailing_address=an_address(),
        email=f"customer{account_id}@example.com",
        delivery="email",
        language="en",
        contracts=tuple(chosen if contracts is None else contracts),
    )
    return dataclasses.replace(account, **changes)  # type: ignore[arg-type]


class InMemoryCustomers:
    """Implements ``CustomerService`` over a list of accounts."""

    context: ClassVar[str] = "customer"

    def __init__(self, accounts: Iterable[BillingAccount] = ()) -> None:
        self.accounts = {a.account_id: a for a in sorted(accounts, key=lambda a: a.account_id)}
        self.billing_contacts: list[BillingContact] = []
        self.logins: dict[tuple[str, str], CustomerLogin] = {}

    def _contracts(self) -> list[BillingContract]:
        return [c for account in self.accounts.values() for c in account.contracts]

    def list_contract_refs(
        self, *, read_cycle: str | None, started_before: dt.date, after: AccountId, limit: int
    ) -> Sequence[ContractRef]:
        refs: list[ContractRef] = []
        for account_id, account in sorted(self.accounts.items()):
            if account_id <= after:
                continue
            own = [
                _ref(c)
                for c in account.contracts
                if c.start_date < started_before and read_cycle in (None, c.read_cycle)
            ]
            if refs and len(refs) + len(own) > limit:
                break
            refs.extend(sorted(own, key=lambda ref: ref.contract_id))
        return refs

    def get_billing_accounts(
        self, *, account_ids: Sequence[AccountId], period_end: dt.date
    ) -> Sequence[BillingAccount]:
        return [self.accounts[i] for i in account_ids if i in self.accounts]

    def find_account_ids(self, *, account_numbers: Collection[str]) -> Mapping[str, AccountId]:
        wanted = set(account_numbers)
        return {
            a.account_number: a.account_id
            for a in self.accounts.values()
            if a.account_number in wanted
        }

    def find_known_esi_ids(self, *, esi_ids: Collection[str]) -> frozenset[EsiId]:
        return frozenset(c.esi_id for c in self._contracts() if c.esi_id in set(esi_ids))

    def find_account_numbers(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, str]:
        found = sorted(
            (c.start_date, account.account_number, c.esi_id)
            for account in self.accounts.values()
            for c in account.contracts
        )
        return {
            esi_id: number
            for start, number, esi_id in found
            if esi_id in set(esi_ids) and start <= served_on
        }

    def list_esi_ids(
        self, *, read_cycle: str | None, served_on: dt.date
    ) -> Sequence[tuple[EsiId, TdspCode]]:
        found = {
            (c.esi_id, c.tdsp_code)
            for c in self._contracts()
            if read_cycle in (None, c.read_cycle)
            and c.start_date <= served_on
            and (c.end_date is None or served_on < c.end_date)
        }
        return sorted(found)

    def list_billing_contacts(
        self, *, served_on: dt.date, after: str, limit: int
    ) -> Sequence[BillingContact]:
        served = {esi_id for esi_id, _ in self.list_esi_ids(read_cycle=None, served_on=served_on)}
        found = [c for c in self.billing_contacts if c.esi_id in served and c.esi_id > after]
        return sorted(found, key=lambda contact: contact.esi_id)[:limit]

    def find_billing_contacts(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, BillingContact]:
        page = self.list_billing_contacts(served_on=served_on, after="", limit=1000)
        return {c.esi_id: c for c in page if c.esi_id in set(esi_ids)}

    def find_login(self, *, issuer: str, subject: str) -> CustomerLogin | None:
        return self.logins.get((issuer, subject))

    def close_identity(self, *, issuer: str, subject: str) -> None:
        self.logins.pop((issuer, subject), None)


def _ref(contract: BillingContract) -> ContractRef:
    return ContractRef(
        contract_id=contract.contract_id,
        account_id=contract.account_id,
        esi_id=contract.esi_id,
        tdsp_code=contract.tdsp_code,
        read_cycle=contract.read_cycle,
        start_date=contract.start_date,
        end_date=contract.end_date,
    )
