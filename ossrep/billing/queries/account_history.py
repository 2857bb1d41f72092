"""What earlier bills and openings left: banks, peaks, usage, balances; a few queries a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ossrep.billing.db import connection
from ossrep.billing.queries.arrays import id_array
from ossrep.kernel.identifiers import AccountId

HISTORY_DAYS = 410
"""Thirteen months and a little: what a bill prints and a ratchet looks back on."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Earlier periods of one service point; columns of equal length, by rising end."""

    account_id: int
    esi_id: str
    billed_through: dt.date | None
    bank_cents: int
    starts: Sequence[dt.date]
    ends: Sequence[dt.date]
    import_wh: Sequence[int]
    export_wh: Sequence[int]
    peak_w: Sequence[int]
    amounts_cents: Sequence[int | None]


_HISTORY = """
    WITH periods AS (
      SELECT account_id, esi_id, period_start, period_end, import_wh, export_wh, peak_w,
             amount_usd, bank_out_usd, true AS is_ours
      FROM charge WHERE account_id = ANY(%(ids)s::bigint[]) AND reversal_id IS NULL
      UNION ALL
      SELECT account_id, esi_id, period_start, period_end, import_wh, 0, coalesce(peak_w, -1),
             NULL, NULL, false
      FROM opening_usage WHERE account_id = ANY(%(ids)s::bigint[])),
    sites AS (
      SELECT account_id, esi_id,
             max(period_end) FILTER (WHERE is_ours) AS billed_through,
             (array_agg(bank_out_usd ORDER BY period_end DESC) FILTER (WHERE is_ours))[1] AS bank,
             array_agg(period_start ORDER BY period_end) FILTER (WHERE period_end > %(since)s)
               AS starts,
             array_agg(period_end ORDER BY period_end) FILTER (WHERE period_end > %(since)s)
               AS ends,
             array_agg(import_wh ORDER BY period_end) FILTER (WHERE period_end > %(since)s)
               AS import_wh,
             array_agg(export_wh ORDER BY period_end) FILTER (WHERE period_end > %(since)s)
               AS export_wh,
             array_agg(peak_w ORDER BY period_end) FILTER (WHERE period_end > %(since)s)
               AS peak_w,
             array_agg((amount_usd * 100)::bigint ORDER BY period_end)
               FILTER (WHERE period_end > %(since)s) AS amounts
      FROM periods GROUP BY account_id, esi_id)
    SELECT coalesce(s.account_id, o.account_id), coalesce(s.esi_id, o.esi_id),
           greatest(s.billed_through, o.billed_through),
           (coalesce(s.bank, o.bank_usd, 0) * 100)::bigint,
           s.starts, s.ends, s.import_wh, s.export_wh, s.peak_w, s.amounts
    FROM sites s
    FULL JOIN (SELECT * FROM opening_site WHERE account_id = ANY(%(ids)s::bigint[])) o
      ON o.account_id = s.account_id AND o.esi_id = s.esi_id
"""


def list_site_histories(*, account_ids: Sequence[AccountId], before: dt.date) -> list[HistoryRow]:
    """Every service point of the accounts that was billed or opened before; one query.

    Live charges only; periods go back ``HISTORY_DAYS`` from ``before``.
    """
    since = before - dt.timedelta(days=HISTORY_DAYS)
    with connection().cursor() as cursor:
        cursor.execute(_HISTORY, {"ids": id_array(account_ids), "since": since})
        return [
            HistoryRow(
                account_id=row[0],
                esi_id=row[1],
                billed_through=row[2],
                bank_cents=row[3],
                starts=row[4] or (),
                ends=row[5] or (),
                import_wh=row[6] or (),
                export_wh=row[7] or (),
                peak_w=row[8] or (),
                amounts_cents=row[9] or (),
            )
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class ReceivableRow:
    """A locked receivable: what is owed, in cents."""

    account_id: int
    ledger_account_id: int
    balance_cents: int


def lock_receivables(*, account_ids: Sequence[AccountId]) -> list[ReceivableRow]:
    """Waits for its turn on each account, in one order for all; held to the transaction's end."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT account_id, ledger_account_id, (balance_usd * 100)::bigint "
            "FROM lock_receivables(%s::bigint[])",
            [id_array(account_ids)],
        )
        return [ReceivableRow(*row) for row in cursor.fetchall()]


_MARKS = """
    SELECT wanted.account_id,
           (SELECT t.id FROM transfer t WHERE t.account_id = wanted.account_id
            ORDER BY t.id DESC LIMIT 1),
           last.id, last.ledger_mark
    FROM unnest(%s::bigint[]) AS wanted (account_id)
    LEFT JOIN LATERAL (
      SELECT i.id, i.ledger_mark FROM invoice i WHERE i.account_id = wanted.account_id
      ORDER BY i.ledger_mark DESC, i.id DESC LIMIT 1) last ON true
"""

_MOVEMENTS = """
    SELECT t.account_id, t.kind, t.effective_date,
           (CASE WHEN a.account_id IS NULL THEN -100 ELSE 100 END * t.amount_usd)::bigint
    FROM unnest(%(ids)s::bigint[], %(invoices)s::bigint[], %(marks)s::bigint[])
           AS since (account_id, invoice_id, mark)
    JOIN transfer t ON t.account_id = since.account_id AND t.id > since.mark
    JOIN ledger_account a ON a.id = t.debit_id
    WHERE NOT (t.source_kind = 1 AND t.source_id = since.invoice_id)
    ORDER BY t.id
"""


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A transfer on a receivable since the account's last invoice; negative is a credit."""

    account_id: int
    kind: int
    effective_date: dt.date
    amount_cents: int


def get_movements(
    *, account_ids: Sequence[AccountId]
) -> tuple[Mapping[int, int], list[MovementRow]]:
    """Last transfer of each account (0 where none), and what moved since its last invoice."""
    with connection().cursor() as cursor:
        cursor.execute(_MARKS, [id_array(account_ids)])
        rows = cursor.fetchall()
        marks = {row[0]: row[1] or 0 for row in rows}
        moved = [row for row in rows if (row[1] or 0) > (row[3] or 0)]
        if not moved:
            return marks, []
        cursor.execute(
            _MOVEMENTS,
            {
                "ids": id_array(row[0] for row in moved),
                "invoices": id_array(row[2] or 0 for row in moved),
                "marks": id_array(row[3] or 0 for row in moved),
            },
        )
        return marks, [MovementRow(*row) for row in cursor.fetchall()]


_HOLDS = """
    SELECT account_id, reason FROM account_hold
    WHERE lifted_at IS NULL AND account_id = ANY(%s::bigint[])
"""


def get_holds(*, account_ids: Sequence[AccountId]) -> Mapping[int, str]:
    """Accounts that a person holds, with the reason."""
    with connection().cursor() as cursor:
        cursor.execute(_HOLDS, [id_array(account_ids)])
        return dict(cursor.fetchall())


_RELEASED = """
    SELECT account_id, period_start, period_end, reason_code FROM work_item
    WHERE status = 'released' AND account_id = ANY(%s::bigint[])
"""


def list_released(*, account_ids: Sequence[AccountId]) -> set[tuple[int, dt.date, dt.date, str]]:
    """Account, period and guard that a person has waved through."""
    with connection().cursor() as cursor:
        cursor.execute(_RELEASED, [id_array(account_ids)])
        return {(row[0], row[1], row[2], row[3]) for row in cursor.fetchall()}
