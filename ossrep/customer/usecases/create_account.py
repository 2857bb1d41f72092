"""A customer gets an account."""

from __future__ import annotations

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Account, Customer
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId, CustomerId
from ossrep.published.customer import AccountOpened, Address
from ossrep.published.product import ProductService


class CustomerUnknown(DomainError):
    """No such customer."""

    code = "customer_unknown"


class BrandUnknown(DomainError):
    """No such brand."""

    code = "brand_unknown"


def create_account(
    *,
    customer_id: CustomerId,
    brand_code: str,
    customer_class: str,
    mailing_address: Address,
    parent_id: AccountId | None = None,
    nickname: str = "",
    bill_to_name: str = "",
    delivery: str = "paper",
    email: str = "",
    language: str = "en",
    number: str | None = None,
) -> AccountId:
    """Opens an account of a customer with a brand and tells so.

    Repeating a call with the same number and details gives the same account. Raises FieldRefused,
    CustomerUnknown, BrandUnknown, NumberTaken, NotOfThisCustomer, HierarchyTooDeep.
    """
    brand_id = resolve(ProductService).find_brand_ids(codes=[brand_code]).get(brand_code)
    if brand_id is None:
        raise BrandUnknown(f"brand {brand_code} is not known", where="brand")
    details = {
        "customer_class": customer_class,
        "nickname": nickname,
        "bill_to_name": bill_to_name,
        "mailing_line1": mailing_address.line1,
        "mailing_line2": mailing_address.line2,
        "mailing_city": mailing_address.city,
        "mailing_state": mailing_address.state,
        "mailing_zip": mailing_address.zip_code,
        "delivery": delivery,
        "email": email,
        "language": language,
    }
    stored: dict[str, object] = dict(_clean(details, number))
    stored |= {"customer_id": customer_id, "brand_id": brand_id, "parent_id": parent_id}
    with refusing(where=f"account {number or ''}".strip()), transaction():
        found = Account.objects.filter(number=number).first() if number else None
        if found is not None:
            if any(getattr(found, name) != value for name, value in stored.items()):
                raise NumberTaken("another account has this number", where=f"account {number}")
            return AccountId(found.pk)
        if not Customer.objects.filter(pk=customer_id).exists():
            raise CustomerUnknown(f"customer {customer_id} is not known", where="customer")
        account = Account.objects.create(number=number or take_number("account"), **stored)
        outbox.append(context=ALIAS, event=_opened(account))
    return AccountId(account.pk)


def _clean(details: dict[str, str], number: str | None) -> dict[str, str]:
    columns = [records.ACCOUNT.columns[name] for name in details]
    stored = records.ACCOUNT.clean(details, columns)
    if number is not None:
        records.ACCOUNT.columns["account_number"].check(number)
    return stored


def _opened(account: Account) -> AccountOpened:
    return AccountOpened(
        account_id=account.pk,
        account_number=account.number,
        customer_id=account.customer_id,
        brand_id=account.brand_id,
    )
