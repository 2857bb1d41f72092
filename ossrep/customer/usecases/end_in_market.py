"""Service ends through the market: a move-out that a customer asks for, or a loss."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import contract_life, enrollment_life, records
from ossrep.customer.models import Contract, MoveOut
from ossrep.customer.models.enrollment import is_wish_alike
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.contracts import check_end, take_contract
from ossrep.customer.usecases.end_contract import end_contract
from ossrep.customer.usecases.enroll import contact_of
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import ContractId
from ossrep.published.customer import MoveOutRequested
from ossrep.published.market import (
    ContractLost,
    MoveOutCompleted,
    MoveOutRejected,
    MoveOutScheduled,
)

_LOST_BY = {"switch": "switch", "move_in": "move_out"}


class MoveOutRefused(DomainError):
    """The contract does not serve, or a move-out is on its way."""

    code = "move_out_refused"


class MoveOutUnknown(DomainError):
    """No such move-out."""

    code = "move_out_unknown"


def request_move_out(
    *, contract_id: ContractId, wanted_date: dt.date, now: dt.datetime, number: str | None = None
) -> str:
    """Asks the market to end service; gives the move-out's number.

    ``wanted_date`` is the first day without service. The same number again changes nothing.
    Raises MoveOutRefused, NumberTaken, EndBeforeStart, ContractUnknown.
    """
    if number is not None:
        records.CONTRACT.columns["contract_number"].check(number)
    wanted: dict[str, Any] = {"contract_id": int(contract_id), "wanted_date": wanted_date}
    with refusing(where=f"contract {contract_id}"), transaction():
        known = MoveOut.objects.filter(number=number).first() if number else None
        if known is not None:
            if not is_wish_alike(known, wanted):
                raise NumberTaken("names another wish", where=f"move-out {number}")
            return known.number
        contract = take_contract(contract_id)
        if contract.status != contract_life.ACTIVE:
            raise MoveOutRefused(
                f"it is {contract.status}, only an active one can be ended",
                where=f"contract {contract.number}",
            )
        check_end(contract, wanted_date)
        _check_first(contract)
        move_out = MoveOut.objects.create(
            number=number or take_number("move_out"), requested_at=now, **wanted
        )
        outbox.append(context=ALIAS, event=_requested(move_out, contract))
    return move_out.number


def _check_first(contract: Contract) -> None:
    open_states = (enrollment_life.REQUESTED, enrollment_life.SCHEDULED)
    other = MoveOut.objects.filter(contract=contract, state__in=open_states).first()
    if other is not None:
        raise MoveOutRefused(
            f"move-out {other.number} is on its way", where=f"contract {contract.number}"
        )


def _requested(move_out: MoveOut, contract: Contract) -> MoveOutRequested:
    name, phone = contact_of(contract)
    return MoveOutRequested(
        move_out_id=move_out.number,
        contract_id=contract.pk,
        account_number=contract.account.number,
        brand_id=contract.account.brand_id,
        esi_id=contract.premises.esi_id,
        tdsp_code=contract.premises.tdsp_code,
        wanted_date=move_out.wanted_date,
        contact_name=name,
        contact_phone=phone,
    )


def _take_move_out(number: str) -> MoveOut:
    found = MoveOut.objects.select_for_update().filter(number=number).first()
    if found is None:
        raise MoveOutUnknown("is not known", where=f"move-out {number}")
    return found


def note_move_out_scheduled(*, event: MoveOutScheduled) -> None:
    """The wires company has accepted it."""
    with transaction():
        move_out = _take_move_out(event.move_out_id)
        move_out.step(enrollment_life.SCHEDULED, order_reference=event.order_reference)
        move_out.scheduled_date = event.scheduled_date
        move_out.save()


def note_move_out_rejected(*, event: MoveOutRejected) -> None:
    """The market refuses: service goes on."""
    with transaction():
        move_out = _take_move_out(event.move_out_id)
        move_out.step(enrollment_life.REJECTED, order_reference=event.order_reference)
        move_out.tell_reason(codes=event.reason_codes, words=event.reason_text)
        move_out.save()


def complete_move_out(*, event: MoveOutCompleted) -> None:
    """Service has ended: the contract ends on that day."""
    with transaction():
        move_out = _take_move_out(event.move_out_id)
        move_out.step(enrollment_life.COMPLETED, order_reference=event.order_reference)
        move_out.end_date = event.end_date
        move_out.save()
        _end(ContractId(move_out.contract_id), event.end_date, "move_out")


def lose_contract(*, event: ContractLost) -> None:
    """Another retailer takes the service point; the contract that serves there ends.

    Where none serves on the day before, there is nothing to end.
    """
    with transaction():
        serving = Contract.objects.filter(
            premises__esi_id=event.esi_id,
            status__in=contract_life.SERVING,
            start_date__lt=event.effective_date,
        ).order_by("-start_date")
        for contract in serving[:1]:
            reason = _LOST_BY.get(event.kind, "other")
            _end(ContractId(contract.pk), event.effective_date, reason)


def _end(contract_id: ContractId, end_date: dt.date, reason: str) -> None:
    """An end that is known already is only made earlier: somebody else has it from then on."""
    contract = take_contract(contract_id)
    is_known = contract.status == contract_life.ENDED
    if is_known and contract.end_date is not None and contract.end_date <= end_date:
        return
    end_contract(contract_id=contract_id, end_date=end_date, reason=reason, is_correction=is_known)
