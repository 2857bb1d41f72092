"""Records of this context as operators' tools and other services read them, all and unfiltered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet

from ossrep.customer.models import Account, Contact, Contract, Customer, Meter, Premises

Record = TypeVar("Record", bound=Model)


def customers() -> QuerySet[Customer]:
    """Customers with their contacts."""
    return Customer.objects.prefetch_related("contacts")


def accounts() -> QuerySet[Account]:
    """Accounts with their customer and the account above."""
    return Account.objects.select_related("customer", "parent")


def premises() -> QuerySet[Premises]:
    """Premises with their meters."""
    return Premises.objects.prefetch_related("meters")


def meters() -> QuerySet[Meter]:
    """Meters with their premises."""
    return Meter.objects.select_related("premises")


def contracts() -> QuerySet[Contract]:
    """Contracts with their account and premises."""
    return Contract.objects.select_related("account", "premises")


def contacts() -> QuerySet[Contact]:
    """Contacts with their customer and account."""
    return Contact.objects.select_related("customer", "account")


def by_key(rows: QuerySet[Record], keys: Sequence[int]) -> dict[int, Record]:
    """The rows with these ids, by id."""
    return rows.in_bulk(keys)
