"""Service under a contract ends."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.usecases.contracts import check_end, ended, take_contract, trace
from ossrep.customer.usecases.refusals import refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import ContractId


def end_contract(
    *, contract_id: ContractId, end_date: dt.date, reason: str, is_correction: bool = False
) -> None:
    """Ends an active contract; ``end_date`` is the first day without service and may be to come.

    Repeating it with the same date does nothing. ``is_correction`` gives an ended contract another
    end. Raises ContractUnknown, ForbiddenTransition, EndBeforeStart, FieldRefused (reason), and
    ContractsOverlap where a later end would reach into the next contract.
    """
    if reason not in contract_life.END_REASONS:
        known = ", ".join(contract_life.END_REASONS)
        raise FieldRefused(f'"{reason}" is none of {known}', where="reason")
    with refusing(where=f"contract {contract_id}"), transaction():
        contract = take_contract(contract_id)
        if contract.status == contract_life.ENDED and contract.end_date == end_date:
            return
        check_end(contract, end_date)
        if is_correction and contract.status == contract_life.ENDED:
            contract.end_date, contract.end_reason = end_date, reason
        else:
            contract.end(end_date=end_date, reason=reason)
        contract.save(update_fields=["status", "end_date", "end_reason"])
        trace(contract, effective_date=end_date, reason=reason)
        outbox.append(context=ALIAS, event=ended(contract))
