"""What an account's balance is made of."""

from __future__ import annotations

from ossrep.billing.db import connection
from ossrep.billing.domain.open_items import OpenItems, Owed, apply_oldest_first
from ossrep.kernel.identifiers import AccountId
from ossrep.kernel.money import cents

# Each business fact with all its transfers; a reversed invoice and its reversal cancel out.
_FACTS = """
    WITH moved AS (
      SELECT t.id, t.effective_date,
             CASE WHEN d.account_id IS NULL THEN -t.amount_usd ELSE t.amount_usd END AS signed,
             coalesce(r.invoice_id, CASE WHEN t.source_kind = 1 THEN t.source_id END) AS invoice_id,
             t.source_kind, t.source_id
      FROM transfer t JOIN ledger_account d ON d.id = t.debit_id
      LEFT JOIN reversal r ON t.source_kind = 4 AND r.id = t.source_id
      WHERE t.account_id = %s),
    facts AS (
      SELECT invoice_id, CASE WHEN invoice_id IS NULL THEN source_kind END AS source_kind,
             CASE WHEN invoice_id IS NULL THEN source_id END AS source_id,
             min(effective_date) AS date, min(id) AS first_id, sum(signed) AS amount
      FROM moved GROUP BY 1, 2, 3)
    SELECT coalesce(i.number, CASE f.source_kind WHEN 3 THEN 'opening' ELSE 'other' END),
           f.date, i.due_date, f.amount
    FROM facts f LEFT JOIN invoice i ON i.id = f.invoice_id
    ORDER BY f.date, f.first_id
"""


def get_open_items(*, account_id: AccountId) -> OpenItems:
    """Invoices and openings of an account with what of each is open, oldest first.

    Never stored, so a payment that comes late or a reversal puts it right by itself. The open
    items less the credit left are the account's balance.
    """
    with connection().cursor() as cursor:
        cursor.execute(_FACTS, [account_id])
        facts = [(name, date, due, cents(amount)) for name, date, due, amount in cursor.fetchall()]
    owed = [Owed(name, date, due, amount) for name, date, due, amount in facts if amount > 0]
    credit = -sum(amount for *_, amount in facts if amount < 0)
    return apply_oldest_first(owed=owed, credit_cents=credit)
