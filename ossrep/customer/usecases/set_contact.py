"""Whom to call or write to."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Account, Contact
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.change_details import RecordUnknown, tell_accounts
from ossrep.customer.usecases.refusals import refusing
from ossrep.kernel.identifiers import AccountId, CustomerId


def set_contact(
    *,
    customer_id: CustomerId,
    account_id: AccountId | None = None,
    role: str,
    name: str,
    email: str = "",
    phone: str = "",
    number: str | None = None,
    as_of: dt.date,
) -> str:
    """Adds a contact, or changes the one of that number; gives the number.

    Tells the account, or all accounts of the customer, when something differs. Raises
    FieldRefused and NotOfThisCustomer.
    """
    details = {"role": role, "name": name, "email": email, "phone": phone}
    stored = records.CONTACT.clean(details, [records.CONTACT.columns[n] for n in details])
    values: dict[str, object] = {**stored, "account_id": account_id}
    if number is not None:
        records.CONTACT.columns["contact_number"].check(number)
    with refusing(where=f"contact {number or name}"), transaction():
        found = Contact.objects.filter(number=number, customer_id=customer_id).first()
        if found and all(getattr(found, name) == value for name, value in values.items()):
            return found.number
        contact = found or Contact(number=number or take_number("contact"), customer_id=customer_id)
        for field, value in values.items():
            setattr(contact, field, value)
        contact.save()
        _tell(contact, as_of)
    return contact.number


def remove_contact(*, number: str, as_of: dt.date) -> None:
    """Deletes a contact; its history stays. Raises RecordUnknown."""
    with transaction():
        contact = Contact.objects.filter(number=number).first()
        if contact is None:
            raise RecordUnknown(f"contact {number} is not known")
        _tell(contact, as_of)
        contact.delete()


def _tell(contact: Contact, as_of: dt.date) -> None:
    accounts = Account.objects.filter(customer_id=contact.customer_id)
    if contact.account_id is not None:
        accounts = accounts.filter(pk=contact.account_id)
    tell_accounts(accounts, changed=("contacts",), as_of=as_of)
