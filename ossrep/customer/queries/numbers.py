"""From the numbers that people know to ids."""

from __future__ import annotations

from ossrep.customer.models import Account, Contract, Premises
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, ContractId, PremisesId


class NumberUnknown(DomainError):
    """No record has the number."""

    code = "number_unknown"


def get_account_id(*, number: str) -> AccountId:
    """The account of a number; raises NumberUnknown."""
    found = Account.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NumberUnknown("is not known", where=f"account {number}")
    return AccountId(found)


def get_account(*, number: str) -> Account:
    """The account of a number with its customer's id; raises NumberUnknown."""
    found = Account.objects.filter(number=number).first()
    if found is None:
        raise NumberUnknown("is not known", where=f"account {number}")
    return found


def get_premises_id(*, number: str) -> PremisesId:
    """The premises of a number or ESI ID; raises NumberUnknown."""
    found = (
        Premises.objects.filter(number=number).values_list("pk", flat=True).first()
        or Premises.objects.filter(esi_id=number).values_list("pk", flat=True).first()
    )
    if found is None:
        raise NumberUnknown("is not known, neither as number nor as ESI ID", where=number)
    return PremisesId(found)


def get_contract_id(*, number: str) -> ContractId:
    """The contract of a number; raises NumberUnknown."""
    found = Contract.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NumberUnknown("is not known", where=f"contract {number}")
    return ContractId(found)
