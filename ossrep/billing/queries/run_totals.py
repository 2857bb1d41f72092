"""What a bill run moved: ledger totals and taxes by jurisdiction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.billing.db import connection


@dataclass(frozen=True, slots=True)
class LedgerTotal:
    """Debits and credits of one account of the ledger, customers' receivables together."""

    account: str
    code: str
    debit_usd: Decimal
    credit_usd: Decimal


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """One tax at one rate: ``place`` is empty for the state's, whose jurisdiction is Texas."""

    code: str
    label: str
    place: str
    rate: str
    invoices: int
    base_usd: Decimal
    amount_usd: Decimal
    retailer_usd: Decimal
    delivery_usd: Decimal


# The transfers of invoices and of their reversals belong to the run that made each.
_LEDGER = """
    WITH facts AS (
      SELECT 1 AS source_kind, id AS source_id FROM invoice WHERE run_id = %(run)s
      UNION ALL
      SELECT 4, id FROM reversal WHERE run_id = %(run)s),
    moved AS (
      SELECT t.debit_id, t.credit_id, t.amount_usd FROM facts f
      JOIN transfer t ON t.source_kind = f.source_kind AND t.source_id = f.source_id),
    sides AS (
      SELECT debit_id AS id, amount_usd AS debit, 0 AS credit FROM moved
      UNION ALL SELECT credit_id, 0, amount_usd FROM moved)
    SELECT a.kind, a.code, sum(s.debit), sum(s.credit)
    FROM sides s JOIN ledger_account a ON a.id = s.id
    GROUP BY a.kind, a.code ORDER BY a.kind <> 'receivable', a.kind, a.code
"""

_TAXES = """
    WITH moved AS (
      SELECT id, 1 AS sign FROM invoice WHERE run_id = %(run)s
      UNION ALL
      SELECT invoice_id, -1 FROM reversal WHERE run_id = %(run)s)
    SELECT p.code, p.label, p.place, p.rate, count(*), sum(m.sign * t.base_usd),
           sum(m.sign * t.amount_usd), sum(m.sign * t.retailer_usd), sum(m.sign * t.delivery_usd)
    FROM moved m JOIN invoice_tax t ON t.invoice_id = m.id
    JOIN tax_template p ON p.id = t.template_id
    GROUP BY p.code, p.label, p.place, p.rate ORDER BY p.place, p.code, p.label, p.rate
"""


def get_ledger_totals(*, run_id: int) -> Sequence[LedgerTotal]:
    """Debits and credits that a run posted; both sides are equal in sum."""
    with connection().cursor() as cursor:
        cursor.execute(_LEDGER, {"run": run_id})
        return [LedgerTotal(*row) for row in cursor.fetchall()]


def get_tax_totals(*, run_id: int) -> Sequence[TaxTotal]:
    """Taxes that a run charged by jurisdiction, or took back where it reversed invoices."""
    with connection().cursor() as cursor:
        cursor.execute(_TAXES, {"run": run_id})
        return [TaxTotal(*row) for row in cursor.fetchall()]
