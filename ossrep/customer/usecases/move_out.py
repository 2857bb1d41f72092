"""A customer leaves a premises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ossrep.customer.db import transaction
from ossrep.customer.domain import contract_life
from ossrep.customer.models import Contract
from ossrep.customer.usecases.cancel_contract import cancel_contract
from ossrep.customer.usecases.change_details import change_account
from ossrep.customer.usecases.end_contract import end_contract
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId
from ossrep.published.customer import Address


class NothingServed(DomainError):
    """The account has no service to end there."""

    code = "nothing_served"


def move_out(
    *,
    account_id: AccountId,
    premises_id: PremisesId | None,
    end_date: dt.date,
    as_of: dt.date,
    new_mailing_address: Address | None = None,
) -> Sequence[ContractId]:
    """Ends an account's contracts at a premises (None: at all), cancels those pending there.

    The last bill goes to the new address where one is given. Gives the contracts that end on the
    date; repeating it changes nothing. Raises NothingServed, EndBeforeStart.
    """
    with transaction():
        there = Contract.objects.filter(account_id=account_id).order_by("pk")
        if premises_id is not None:
            there = there.filter(premises_id=premises_id)
        for pending in there.filter(status=contract_life.PENDING):
            cancel_contract(contract_id=ContractId(pending.pk), reason="move_out", as_of=as_of)
        for active in there.filter(status=contract_life.ACTIVE):
            end_contract(contract_id=ContractId(active.pk), end_date=end_date, reason="move_out")
        if new_mailing_address is not None:
            change_account(
                account_id=account_id, changes=_mailing(new_mailing_address), as_of=as_of
            )
        ending = there.filter(status=contract_life.ENDED, end_date=end_date)
        found = [ContractId(pk) for pk in ending.values_list("pk", flat=True)]
        if not found:
            raise NothingServed(
                f"account {account_id} has no service to end on {end_date}; look at its contracts"
            )
    return found


def _mailing(address: Address) -> dict[str, str]:
    return {
        "mailing_line1": address.line1,
        "mailing_line2": address.line2,
        "mailing_city": address.city,
        "mailing_state": address.state,
        "mailing_zip": address.zip_code,
    }
