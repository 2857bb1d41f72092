"""Service under a contract begins."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life
from ossrep.customer.usecases.contracts import activated, take_contract, trace
from ossrep.customer.usecases.plans import end_of_term, get_plan
from ossrep.customer.usecases.refusals import refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import ContractId, PlanVersionId


def activate_contract(*, contract_id: ContractId, start_date: dt.date | None = None) -> None:
    """Makes a pending contract active from a date on (None: the date it wants) and tells so.

    The term runs from that date. Repeating it for an active contract of the same start does
    nothing. Raises ContractUnknown, ForbiddenTransition, ContractsOverlap.
    """
    with refusing(where=f"contract {contract_id}"), transaction():
        contract = take_contract(contract_id)
        start = start_date or contract.start_date
        if contract.status == contract_life.ACTIVE and contract.start_date == start:
            return
        plan = get_plan(plan_version_id=PlanVersionId(contract.plan_version_id))
        contract.activate(start_date=start, term_end_date=end_of_term(plan=plan, start_date=start))
        contract.save(update_fields=["status", "start_date", "term_end_date"])
        trace(contract, effective_date=start)
        outbox.append(context=ALIAS, event=activated(contract))
