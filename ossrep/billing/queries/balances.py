"""What accounts owe, and the trial balance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ossrep.billing.db import connection
from ossrep.infra.hot_queries import prepared_rows
from ossrep.kernel.identifiers import AccountId

_BALANCES = """
    SELECT a.account_id, b.debit_usd - b.credit_usd
    FROM ledger_account a JOIN ledger_balance b ON b.ledger_account_id = a.id AND b.shard = 0
    WHERE a.account_id = ANY(%s::bigint[]) AND a.kind = 'receivable'
"""


def get_balances(*, account_ids: Collection[AccountId]) -> Mapping[AccountId, Decimal]:
    """What each account owes, in dollars; negative is a credit. Accounts without money: 0."""
    ids = list(account_ids)
    known: dict[int, Decimal] = dict(prepared_rows(connection(), _BALANCES, [ids]))
    return {account_id: known.get(account_id, Decimal("0.00")) for account_id in ids}


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One account of the ledger, or all customers' accounts of a kind together."""

    kind: str
    code: str
    accounts: int
    debit_usd: Decimal
    credit_usd: Decimal

    @property
    def balance_usd(self) -> Decimal:
        """Debits less credits; all lines add up to 0."""
        return self.debit_usd - self.credit_usd


_TRIAL_BALANCE = """
    SELECT a.kind, a.code, count(DISTINCT a.id), sum(b.debit_usd), sum(b.credit_usd)
    FROM ledger_account a JOIN ledger_balance b ON b.ledger_account_id = a.id
    GROUP BY a.kind, a.code ORDER BY a.kind <> 'receivable', a.kind, a.code
"""


def get_trial_balance() -> list[TrialBalanceLine]:
    """Every account of the ledger with money moved, customers' accounts added up."""
    with connection().cursor() as cursor:
        cursor.execute(_TRIAL_BALANCE)
        return [TrialBalanceLine(*row) for row in cursor.fetchall()]
