"""A customer stays and takes another plan."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life, records
from ossrep.customer.models import Contract
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.contracts import activated, check_end, ended, take_contract, trace
from ossrep.customer.usecases.plans import end_of_term, find_plan
from ossrep.customer.usecases.refusals import refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import ContractId
from ossrep.published.product import PlanVersion


def renew_contract(
    *,
    contract_id: ContractId,
    plan_code: str,
    plan_version: int | None = None,
    effective_date: dt.date,
    reason: Literal["renewal", "plan_change"] = "renewal",
    signed_date: dt.date | None = None,
    number: str | None = None,
) -> ContractId:
    """Ends an active contract and begins another on the same day, on another plan version.

    Service goes on without a day between; both facts are told. Repeating it gives the contract
    made first. Raises ContractUnknown, ForbiddenTransition, EndBeforeStart, PlanUnknown,
    PlanNotForAccount, NumberTaken.
    """
    if number is not None:
        records.CONTRACT.columns["contract_number"].check(number)
    with refusing(where=f"contract {contract_id}"), transaction():
        old = take_contract(contract_id)
        plan = find_plan(plan_code=plan_code, version=plan_version, account=old.account)
        made = _made_before(old, plan, effective_date)
        if made is not None:
            return ContractId(made.pk)
        check_end(old, effective_date)
        old.end(end_date=effective_date, reason=reason)
        old.save(update_fields=["status", "end_date", "end_reason"])
        trace(old, effective_date=effective_date, reason=reason)
        new = Contract.objects.create(
            number=number or take_number("contract"),
            account=old.account,
            premises=old.premises,
            plan_version_id=plan.plan_version_id,
            status=contract_life.ACTIVE,
            start_date=effective_date,
            term_end_date=end_of_term(plan=plan, start_date=effective_date),
            signed_date=signed_date,
        )
        trace(new, effective_date=effective_date, reason=reason)
        outbox.append_many(context=ALIAS, events=[ended(old), activated(new)])
    return ContractId(new.pk)


def _made_before(old: Contract, plan: PlanVersion, effective_date: dt.date) -> Contract | None:
    if old.status != contract_life.ENDED or old.end_date != effective_date:
        return None
    return Contract.objects.filter(
        account_id=old.account_id,
        premises_id=old.premises_id,
        plan_version_id=plan.plan_version_id,
        start_date=effective_date,
        status__in=contract_life.SERVING,
    ).first()
