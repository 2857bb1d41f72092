"""An account takes a premises on a plan; the market has still to say when service begins."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life, records
from ossrep.customer.models import Account, Contract, Premises
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.contracts import signed, trace
from ossrep.customer.usecases.plans import end_of_term, find_plan
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId


class MoveInRefused(DomainError):
    """Account or premises are not known."""

    code = "move_in_refused"


def move_in(
    *,
    account_id: AccountId,
    premises_id: PremisesId,
    plan_code: str,
    plan_version: int | None = None,
    start_date: dt.date,
    signed_date: dt.date | None = None,
    number: str | None = None,
) -> ContractId:
    """Makes a pending contract that wants service from a date on.

    It may lie over the contract of the tenant before, who is still served. Repeating the call
    (same number, or without one the same account, premises, plan version and date still pending)
    gives the same contract. Raises PlanUnknown, PlanNotForAccount, ContractsOverlap, NumberTaken.
    """
    if number is not None:
        records.CONTRACT.columns["contract_number"].check(number)
    with refusing(where=f"premises {premises_id}"), transaction():
        account = Account.objects.filter(pk=account_id).first()
        premises = Premises.objects.filter(pk=premises_id).first()
        if account is None or premises is None:
            missing = f"account {account_id}" if account is None else f"premises {premises_id}"
            raise MoveInRefused(f"{missing} is not known")
        plan = find_plan(plan_code=plan_code, version=plan_version, account=account)
        wanted = {
            "account_id": account.pk,
            "premises_id": premises.pk,
            "plan_version_id": plan.plan_version_id,
            "start_date": start_date,
        }
        found = _same_contract(wanted, number)
        if found is not None:
            return ContractId(found.pk)
        contract = Contract.objects.create(
            number=number or take_number("contract"),
            status=contract_life.PENDING,
            term_end_date=end_of_term(plan=plan, start_date=start_date),
            signed_date=signed_date,
            **wanted,
        )
        trace(contract, effective_date=start_date)
        outbox.append(context=ALIAS, event=signed(contract))
    return ContractId(contract.pk)


def _same_contract(wanted: dict[str, object], number: str | None) -> Contract | None:
    if number is None:
        return Contract.objects.filter(status=contract_life.PENDING, **wanted).first()
    found = Contract.objects.filter(number=number).first()
    if found and any(getattr(found, name) != value for name, value in wanted.items()):
        raise NumberTaken("another contract has this number", where=f"contract {number}")
    return found
