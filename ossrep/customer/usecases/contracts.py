"""What the use cases of contracts share: finding one, its events, the trace of its life."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.models import Contract, ContractStatusChange
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import ContractId
from ossrep.published.customer import (
    ContractActivated,
    ContractCancelled,
    ContractEnded,
    ContractSigned,
)


class ContractUnknown(DomainError):
    """No such contract."""

    code = "contract_unknown"


class EndBeforeStart(DomainError):
    """A contract would end before it has served a day."""

    code = "end_before_start"


def take_contract(contract_id: ContractId) -> Contract:
    """The contract, locked to the end of the transaction; raises ContractUnknown."""
    found = (
        Contract.objects.select_for_update(of=("self",))
        .select_related("account", "premises")
        .filter(pk=contract_id)
        .first()
    )
    if found is None:
        raise ContractUnknown(f"contract {contract_id} is not known")
    return found


def trace(contract: Contract, *, effective_date: dt.date, reason: str = "") -> None:
    """Notes what the contract became, from which date and why."""
    ContractStatusChange.objects.create(
        contract=contract, status=contract.status, effective_date=effective_date, reason=reason
    )


def check_end(contract: Contract, end_date: dt.date) -> None:
    """Raises EndBeforeStart where no day of service would be left."""
    if end_date <= contract.start_date:
        raise EndBeforeStart(
            f"service began on {contract.start_date}; the end {end_date} must be a later day",
            where=f"contract {contract.number}",
        )


def signed(contract: Contract) -> ContractSigned:
    """The event of a pending contract."""
    return ContractSigned(
        account_id=contract.account_id,
        account_number=contract.account.number,
        contract_id=contract.pk,
        esi_id=contract.premises.esi_id,
        tdsp_code=contract.premises.tdsp_code,
        plan_version_id=contract.plan_version_id,
        start_date=contract.start_date,
    )


def activated(contract: Contract) -> ContractActivated:
    """The event of service that begins."""
    return ContractActivated(
        account_id=contract.account_id,
        account_number=contract.account.number,
        contract_id=contract.pk,
        esi_id=contract.premises.esi_id,
        tdsp_code=contract.premises.tdsp_code,
        plan_version_id=contract.plan_version_id,
        start_date=contract.start_date,
        term_end_date=contract.term_end_date,
    )


def ended(contract: Contract) -> ContractEnded:
    """The event of service whose end is known."""
    assert contract.end_date is not None
    return ContractEnded(
        account_id=contract.account_id,
        account_number=contract.account.number,
        contract_id=contract.pk,
        esi_id=contract.premises.esi_id,
        end_date=contract.end_date,
        reason=contract.end_reason,
    )


def cancelled(contract: Contract, *, reason: str) -> ContractCancelled:
    """The event of a contract that was given up."""
    return ContractCancelled(
        account_id=contract.account_id,
        account_number=contract.account.number,
        contract_id=contract.pk,
        esi_id=contract.premises.esi_id,
        reason=reason,
    )
