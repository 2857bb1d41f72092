"""Names, addresses, preferences and data of a premises change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.db import models

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain.cells import FieldRefused
from ossrep.customer.domain.records import ACCOUNT, CUSTOMER, PREMISES, Kind
from ossrep.customer.models import Account, Customer, Premises
from ossrep.customer.usecases.refusals import refusing
from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId, PremisesId
from ossrep.published.customer import CustomerDetailsChanged, PremisesChanged


class RecordUnknown(DomainError):
    """No such customer, account or premises."""

    code = "record_unknown"


Record = TypeVar("Record", bound=models.Model)

_FIXED = frozenset({"customer_number", "account_number", "brand", "premises_number"})
_FIELDS = {"parent_account_number": "parent_id", "tdsp": "tdsp_code"}


def change_customer(
    *, customer_id: CustomerId, changes: Mapping[str, str], as_of: dt.date
) -> tuple[str, ...]:
    """Changes fields of a customer, named as in the customer book; gives those that differ.

    Each account of the customer is told of. Raises RecordUnknown, FieldRefused.
    """
    with refusing(where=f"customer {customer_id}"), transaction():
        customer = _take(Customer.objects, customer_id)
        names = ("type", "first_name", "last_name", "business_name")
        whole = {name: getattr(customer, name) for name in names}
        changed = _apply(CUSTOMER, customer, {**whole, **changes})
        if changed:
            tell_accounts(customer.accounts.all(), changed=changed, as_of=as_of)
    return changed


def change_account(
    *, account_id: AccountId, changes: Mapping[str, str], as_of: dt.date
) -> tuple[str, ...]:
    """Changes fields of an account, named as in the customer book; gives those that differ.

    Raises RecordUnknown, FieldRefused, NotOfThisCustomer, HierarchyCircle, HierarchyTooDeep.
    """
    with refusing(where=f"account {account_id}"), transaction():
        account = _take(Account.objects, account_id)
        whole = {"delivery": account.delivery, "email": account.email, **changes}
        changed = _apply(ACCOUNT, account, whole)
        if changed:
            tell_accounts([account], changed=changed, as_of=as_of)
    return changed


def change_premises(
    *, premises_id: PremisesId, changes: Mapping[str, str], as_of: dt.date
) -> tuple[str, ...]:
    """Changes fields of a premises, named as in the customer book; gives those that differ.

    Raises RecordUnknown, FieldRefused, EsiIdTaken.
    """
    with refusing(where=f"premises {premises_id}"), transaction():
        premises = _take(Premises.objects, premises_id)
        changed = _apply(PREMISES, premises, dict(changes))
        if changed:
            outbox.append(context=ALIAS, event=premises_changed(premises, changed, as_of))
    return changed


def tell_accounts(accounts: Iterable[Account], *, changed: tuple[str, ...], as_of: dt.date) -> None:
    """Appends the fact for each account, in the caller's transaction."""
    outbox.append_many(
        context=ALIAS,
        events=[
            CustomerDetailsChanged(
                account_id=account.pk,
                account_number=account.number,
                changed=changed,
                effective_date=as_of,
            )
            for account in accounts
        ],
    )


def premises_changed(
    premises: Premises, changed: tuple[str, ...], as_of: dt.date
) -> PremisesChanged:
    """The event of a premises whose fields or meters changed."""
    return PremisesChanged(
        premises_id=premises.pk,
        premises_number=premises.number,
        esi_id=premises.esi_id,
        changed=changed,
        effective_date=as_of,
    )


def _take(manager: models.Manager[Record], record_id: int) -> Record:
    found = manager.select_for_update().filter(pk=record_id).first()
    if found is None:
        raise RecordUnknown(f"{manager.model._meta.verbose_name} {record_id} is not known")
    return found


def _apply(kind: Kind, record: models.Model, changes: Mapping[str, str]) -> tuple[str, ...]:
    for name in changes:
        if name not in kind.columns or name in _FIXED:
            raise FieldRefused("cannot be changed", where=name)
    whole = {kind.key[0]: str(getattr(record, "number", "")), **changes}
    stored = kind.clean(whole, [kind.columns[name] for name in whole])
    values: dict[str, object] = {_FIELDS.get(k, k): v for k, v in stored.items() if k in changes}
    if "parent_id" in values:
        values["parent_id"] = _parent_id(str(values["parent_id"]))
    differing = {name: v for name, v in values.items() if getattr(record, name) != v}
    for name, value in differing.items():
        setattr(record, name, value)
    if differing:
        record.save(update_fields=list(differing))
    return tuple(name for name in changes if _FIELDS.get(name, name) in differing)


def _parent_id(number: str) -> int | None:
    if not number:
        return None
    found = Account.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise FieldRefused(f'account "{number}" is not known', where="parent_account_number")
    return found
