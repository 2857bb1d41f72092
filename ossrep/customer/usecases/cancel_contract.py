"""A contract that never served is given up."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life
from ossrep.customer.usecases.contracts import cancelled, take_contract, trace
from ossrep.infra import outbox
from ossrep.kernel.identifiers import ContractId


def cancel_contract(*, contract_id: ContractId, reason: str, as_of: dt.date) -> None:
    """Cancels a pending contract and tells so; repeating it does nothing.

    Raises ContractUnknown and ForbiddenTransition (an active contract is ended instead).
    """
    with transaction():
        contract = take_contract(contract_id)
        if contract.status == contract_life.CANCELLED:
            return
        contract.cancel()
        contract.save(update_fields=["status"])
        trace(contract, effective_date=as_of, reason=reason)
        outbox.append(context=ALIAS, event=cancelled(contract, reason=reason))
