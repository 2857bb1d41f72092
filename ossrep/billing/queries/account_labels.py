"""What people call an account: from its last bill, else from customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ossrep.billing.models import Invoice
from ossrep.infra.services import resolve
from ossrep.kernel import clock
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import CustomerService


@dataclass(frozen=True, slots=True)
class AccountLabel:
    """Number and bill-to name of an account."""

    account_id: AccountId
    number: str
    name: str


def get_account_labels(*, account_ids: Collection[int]) -> Mapping[int, AccountLabel]:
    """Labels by account id: one query, and one call for accounts that were never billed.

    Ids that nobody knows are left out.
    """
    if not account_ids:
        return {}
    billed = (
        Invoice.objects.filter(account_id__in=account_ids)
        .order_by("account_id", "-pk")
        .distinct("account_id")
        .values_list("account_id", "account_number", "bill_to_name")
    )
    found = {row[0]: AccountLabel(AccountId(row[0]), row[1], row[2]) for row in billed}
    unbilled = sorted(set(account_ids) - found.keys())
    if unbilled:
        accounts = resolve(CustomerService).get_billing_accounts(
            account_ids=[AccountId(i) for i in unbilled], period_end=clock.market_today()
        )
        for account in accounts:
            found[account.account_id] = AccountLabel(
                account.account_id, account.account_number, account.bill_to_name
            )
    return found


def find_accounts(*, term: str) -> list[AccountId]:
    """Accounts whose number is ``term``, or whose last bills were sent to such a name."""
    exact = resolve(CustomerService).find_account_ids(account_numbers=[term])
    if exact:
        return list(exact.values())
    if not any(letter.isalpha() for letter in term):
        return []
    named = Invoice.objects.filter(bill_to_name__icontains=term).values_list("account_id")
    return [AccountId(row[0]) for row in named.distinct()[:ACCOUNTS_FOUND_MAX]]


ACCOUNTS_FOUND_MAX = 500
