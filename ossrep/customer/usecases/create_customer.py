"""A person or a business becomes a customer."""

from __future__ import annotations

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Customer
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import CustomerId
from ossrep.published.customer import CustomerCreated


def create_customer(
    *,
    customer_type: str,
    first_name: str = "",
    last_name: str = "",
    business_name: str = "",
    number: str | None = None,
) -> CustomerId:
    """Creates a customer and tells so; without a number the next of the series.

    Repeating a call with the same number and names gives the same customer. Raises FieldRefused
    and NumberTaken.
    """
    details = {
        "type": customer_type,
        "first_name": first_name,
        "last_name": last_name,
        "business_name": business_name,
    }
    columns = [records.CUSTOMER.columns[name] for name in details]
    stored = records.CUSTOMER.clean(details, columns)
    if number is not None:
        records.CUSTOMER.columns["customer_number"].check(number)
    with refusing(where=f"customer {number or ''}".strip()), transaction():
        found = Customer.objects.filter(number=number).first() if number else None
        if found is not None:
            if any(getattr(found, name) != value for name, value in stored.items()):
                raise NumberTaken("another customer has this number", where=f"customer {number}")
            return CustomerId(found.pk)
        customer = Customer.objects.create(number=number or take_number("customer"), **stored)
        outbox.append(
            context=ALIAS,
            event=CustomerCreated(
                customer_id=customer.pk,
                customer_number=customer.number,
                customer_type=customer.type,
            ),
        )
    return CustomerId(customer.pk)
