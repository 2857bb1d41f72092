"""What an account's balance is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ossrep.billing.db import connection
from ossrep.billing.domain.open_items import OpenItems, Owed, apply_oldest_first
from ossrep.billing.queries.arrays import id_array
from ossrep.kernel.identifiers import AccountId
from ossrep.kernel.money import cents

# Each business fact with all its transfers; a reversed invoice and its reversal cancel out.
# A ledger account of the house has no account_id, and a customer's call cannot see it at all.
_FACTS = """
    WITH moved AS (
      SELECT t.id, t.account_id, t.effective_date,
             CASE WHEN d.account_id IS NULL THEN -t.amount_usd ELSE t.amount_usd END AS signed,
             coalesce(r.invoice_id, CASE WHEN t.source_kind = 1 THEN t.source_id END) AS invoice_id,
             t.source_kind, t.source_id
      FROM transfer t LEFT JOIN ledger_account d ON d.id = t.debit_id
      LEFT JOIN reversal r ON t.source_kind = 4 AND r.id = t.source_id
      WHERE t.account_id = ANY(%s::bigint[])),
    facts AS (
      SELECT account_id, invoice_id,
             CASE WHEN invoice_id IS NULL THEN source_kind END AS source_kind,
             CASE WHEN invoice_id IS NULL THEN source_id END AS source_id,
             min(effective_date) AS date, min(id) AS first_id, sum(signed) AS amount
      FROM moved GROUP BY 1, 2, 3, 4)
    SELECT f.account_id, f.invoice_id,
           coalesce(i.number, CASE f.source_kind WHEN 3 THEN 'opening' ELSE 'other' END),
           f.date, i.due_date, f.amount
    FROM facts f LEFT JOIN invoice i ON i.id = f.invoice_id
    ORDER BY f.date, f.first_id
"""


def get_open_items(*, account_id: AccountId) -> OpenItems:
    """Invoices and openings of an account with what of each is open, oldest first.

    Never stored, so a payment that comes late or a reversal puts it right by itself. The open
    items less the credit left are the account's balance.
    """
    facts = list_facts(account_ids=[account_id])
    owed = [fact.owed for fact in facts if fact.amount_cents > 0]
    credit = -sum(fact.amount_cents for fact in facts if fact.amount_cents < 0)
    return apply_oldest_first(owed=owed, credit_cents=credit)


@dataclass(frozen=True, slots=True)
class Fact:
    """What one business fact did to an account: cents, negative for a credit."""

    account_id: int
    invoice_id: int | None
    name: str
    date: dt.date
    due_date: dt.date | None
    amount_cents: int

    @property
    def owed(self) -> Owed:
        """The same as something owed."""
        return Owed(self.name, self.date, self.due_date, self.amount_cents)


def list_facts(*, account_ids: Sequence[AccountId]) -> list[Fact]:
    """Everything that ever moved the accounts' balances, by date; one query."""
    with connection().cursor() as cursor:
        cursor.execute(_FACTS, [id_array(account_ids)])
        rows: list[tuple[Any, ...]] = [(*row[:-1], cents(row[-1])) for row in cursor.fetchall()]
    return [Fact(*row) for row in rows]
