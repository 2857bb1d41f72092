"""What the database's constraints mean to people."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import IntegrityError

from ossrep.kernel.errors import DomainError


class NumberTaken(DomainError):
    """Another record has the number."""

    code = "number_taken"


class EsiIdTaken(DomainError):
    """Another premises has the ESI ID."""

    code = "esi_id_taken"


class ContractsOverlap(DomainError):
    """Two contracts would serve one ESI ID on the same day."""

    code = "contracts_overlap"


class CertificatesOverlap(DomainError):
    """Two certificates of the same scope would be in force on the same day."""

    code = "certificates_overlap"


class HierarchyCircle(DomainError):
    """An account would be above itself."""

    code = "hierarchy_circle"


class HierarchyTooDeep(DomainError):
    """An account would stand below too many others."""

    code = "hierarchy_too_deep"


class NotOfThisCustomer(DomainError):
    """An account of another customer was named."""

    code = "not_of_this_customer"


class RecordRefused(DomainError):
    """The database refuses the record by a rule without an error of its own."""

    code = "record_refused"


_TAKEN = "another record has this number"
_MEANINGS: dict[str, tuple[type[DomainError], str]] = {
    "customer_number_key": (NumberTaken, _TAKEN),
    "account_number_key": (NumberTaken, _TAKEN),
    "contact_number_key": (NumberTaken, _TAKEN),
    "premises_number_key": (NumberTaken, _TAKEN),
    "contract_number_key": (NumberTaken, _TAKEN),
    "exemption_certificate_number_key": (NumberTaken, _TAKEN),
    "enrollment_number_key": (NumberTaken, _TAKEN),
    "move_out_number_key": (NumberTaken, _TAKEN),
    "cust_meter_once": (NumberTaken, "the premises has this meter already"),
    "premises_esi_id_key": (EsiIdTaken, "another premises has this ESI ID"),
    "cust_contract_served_once": (
        ContractsOverlap,
        "another contract serves this ESI ID on some of these days; end it first",
    ),
    "cust_contract_pending_once": (
        ContractsOverlap,
        "another pending contract waits for this ESI ID on some of these days; cancel it first",
    ),
    "cust_certificate_once": (
        CertificatesOverlap,
        "another certificate of the same scope is in force on some of these days",
    ),
    "cust_account_no_cycle": (HierarchyCircle, "the account would be above itself"),
    "cust_account_depth": (HierarchyTooDeep, "accounts stand at most 6 levels deep"),
    "cust_account_same_customer": (NotOfThisCustomer, "the parent is another customer's account"),
    "cust_contact_same_customer": (NotOfThisCustomer, "the account is another customer's"),
    "cust_account_email": (RecordRefused, "bills by email need an address"),
}


def refusal_of(error: IntegrityError, *, where: str | None) -> DomainError:
    """The exact domain error for a violated constraint, RecordRefused where none is known."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    kind, message = _MEANINGS.get(name, (RecordRefused, f"the rule {name or 'unnamed'} forbids it"))
    return kind(message, where=where)


@contextlib.contextmanager
def refusing(*, where: str) -> Iterator[None]:
    """Turns a violated constraint into the domain error that says what is wrong with ``where``.

    Stands outside the transaction, which is rolled back by then.
    """
    try:
        yield
    except IntegrityError as error:
        raise refusal_of(error, where=where) from error
