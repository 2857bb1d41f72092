"""A person stops the billing of accounts, and lets it go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import IntegrityError
from django.db.models.functions import Now

from ossrep.billing.db import transaction
from ossrep.billing.models import AccountHold
from ossrep.billing.usecases.plan_run import UnknownAccounts
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService


class AlreadyOnHold(DomainError):
    """An account that is held already."""

    code = "already_on_hold"


class NotOnHold(DomainError):
    """An account that is not held."""

    code = "not_on_hold"


class HoldReasonMissing(DomainError):
    """A hold without a reason."""

    code = "hold_reason_missing"


def hold_accounts(*, account_numbers: Collection[str], reason: str, placed_by: str) -> int:
    """Holds all of the accounts or none. Raises UnknownAccounts, AlreadyOnHold."""
    if not reason.strip():
        raise HoldReasonMissing("say why: a hold is kept with its reason")
    found = _find(account_numbers)
    holds = [
        AccountHold(
            account_id=account_id, account_number=number, reason=reason, placed_by=placed_by
        )
        for number, account_id in sorted(found.items())
    ]
    try:
        with transaction():
            AccountHold.objects.bulk_create(holds)
    except IntegrityError as error:
        raise AlreadyOnHold("one of the accounts is held already; see `bill due`") from error
    return len(holds)


def lift_holds(*, account_numbers: Collection[str], lifted_by: str) -> int:
    """Lets the accounts be billed again. Raises UnknownAccounts, NotOnHold; then lifts none."""
    found = _find(account_numbers)
    with transaction():
        holds = AccountHold.objects.select_for_update().filter(
            account_id__in=found.values(), lifted_at=None
        )
        held = {hold.account_number for hold in holds}
        free = sorted(found.keys() - held)
        if free:
            raise NotOnHold("not held", where=f"account {free[0]}")
        holds.update(lifted_at=Now(), lifted_by=lifted_by)
    return len(held)


def _find(account_numbers: Collection[str]) -> Mapping[str, AccountId]:
    found = resolve(CustomerService).find_account_ids(account_numbers=account_numbers)
    unknown = sorted(set(account_numbers) - found.keys())
    if unknown:
        raise UnknownAccounts("no such account", where=f"account {unknown[0]}")
    return found
