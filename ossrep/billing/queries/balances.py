"""What accounts owe, and the trial balance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from ossrep.billing.db import connection
from ossrep.kernel.identifiers import AccountId

_BALANCES = """
    SELECT a.account_id, b.debit_usd - b.credit_usd
    FROM ledger_account a JOIN ledger_balance b ON b.ledger_account_id = a.id AND b.shard = 0
    WHERE a.account_id = ANY(%s) AND a.kind = 'receivable'
"""


def get_balances(*, account_ids: Collection[AccountId]) -> Mapping[AccountId, Decimal]:
    """What each account owes, in dollars; negative is a credit. Accounts without money: 0."""
    ids = list(account_ids)
    with connection().cursor() as cursor:
        cursor.execute(_BALANCES, [ids])
        known: dict[int, Decimal] = dict(cursor.fetchall())
    return {account_id: known.get(account_id, Decimal("0.00")) for account_id in ids}
