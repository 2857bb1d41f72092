"""What payments and openings need of the ledger: an account's turn, and the other side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from ossrep.billing.db import connection
from ossrep.billing.models import LedgerAccount, LedgerAccountKind
from ossrep.billing.queries import account_history
from ossrep.billing.queries.arrays import id_array
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import AccountId
from ossrep.published.customer import BillingAccount, CustomerService


def take_turns(*, account_ids: Collection[AccountId]) -> Mapping[AccountId, int]:
    """Opens receivables that are not there and waits for the turn of all, in one order.

    Gives the ledger account of each; it is held until the transaction ends.
    """
    ids = sorted(set(account_ids))
    open_receivables(account_ids=ids)
    return {
        AccountId(row.account_id): row.ledger_account_id
        for row in account_history.lock_receivables(account_ids=ids)
    }


def open_receivables(*, account_ids: Collection[AccountId]) -> None:
    """Makes the receivable of each account that has none; its balance is 0.

    Comes before any account is locked, and in one order, so that nobody waits in a circle.
    """
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (kind, account_id, code) "
            "SELECT 'receivable', id, '' FROM unnest(%s::bigint[]) AS id ORDER BY id "
            "ON CONFLICT DO NOTHING",
            [id_array(account_ids)],
        )


def house_account_id(kind: LedgerAccountKind) -> int:
    """The house's own ledger account of a kind."""
    account, _ = LedgerAccount.objects.get_or_create(kind=kind, account_id=None, code="")
    return account.pk


def find_accounts(*, numbers: Collection[str], as_of: dt.date) -> Mapping[str, BillingAccount]:
    """Accounts by number, asked of customer in two calls; unknown numbers are left out."""
    customers = resolve(CustomerService)
    ids = customers.find_account_ids(account_numbers=sorted(set(numbers)))
    found: Sequence[BillingAccount] = customers.get_billing_accounts(
        account_ids=sorted(ids.values()), period_end=as_of
    )
    return {account.account_number: account for account in found}
