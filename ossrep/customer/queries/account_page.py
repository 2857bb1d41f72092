"""One account with everything this context knows of it, for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.customer.models import Account, Contract
from ossrep.customer.queries.numbers import NumberUnknown


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract of an account."""

    number: str
    status: str
    esi_id: str
    address: str
    plan_version_id: int
    start_date: dt.date
    end_date: dt.date | None
    term_end_date: dt.date | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """An account, its customer, and its contracts, the newest first."""

    number: str
    customer_name: str
    customer_number: str
    customer_class: str
    parent_number: str
    mailing_address: str
    delivery: str
    email: str
    contracts: Sequence[ContractLine]


def get_account_page(*, number: str) -> AccountPage:
    """The page of an account by number; raises NumberUnknown."""
    account = Account.objects.select_related("customer", "parent").filter(number=number).first()
    if account is None:
        raise NumberUnknown("is not known", where=f"account {number}")
    street = ", ".join(filter(None, (account.mailing_line1, account.mailing_line2)))
    contracts = account.contracts.select_related("premises").order_by("-start_date", "pk")
    return AccountPage(
        number=account.number,
        customer_name=account.customer.name,
        customer_number=account.customer.number,
        customer_class=account.customer_class,
        parent_number=account.parent.number if account.parent else "",
        mailing_address=f"{street}, {account.mailing_city}, "
        f"{account.mailing_state} {account.mailing_zip}",
        delivery=account.delivery,
        email=account.email,
        contracts=[_line(contract) for contract in contracts],
    )


def _line(contract: Contract) -> ContractLine:
    return ContractLine(
        number=contract.number,
        status=contract.status,
        esi_id=contract.premises.esi_id,
        address=contract.premises.address,
        plan_version_id=contract.plan_version_id,
        start_date=contract.start_date,
        end_date=contract.end_date,
        term_end_date=contract.term_end_date,
    )
