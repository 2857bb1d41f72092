"""What must hold of bills and money at any moment; each query gives the rows that break it."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

_LEDGER = (
    Invariant(
        name="ledger_balances_are_sums",
        rule="every balance is the sum of its account's transfers",
        check="""
            WITH moved AS (
              SELECT ledger_account_id, sum(debit) AS debit, sum(credit) AS credit
              FROM (SELECT debit_id AS ledger_account_id, amount_usd AS debit, 0 AS credit
                    FROM transfer
                    UNION ALL SELECT credit_id, 0, amount_usd FROM transfer) side
              GROUP BY ledger_account_id),
            kept AS (
              SELECT ledger_account_id, sum(debit_usd) AS debit, sum(credit_usd) AS credit
              FROM ledger_balance GROUP BY ledger_account_id)
            SELECT ledger_account_id, m.debit, m.credit, k.debit, k.credit
            FROM moved m FULL JOIN kept k USING (ledger_account_id)
            WHERE coalesce(m.debit, 0) <> coalesce(k.debit, 0)
               OR coalesce(m.credit, 0) <> coalesce(k.credit, 0)
        """,
    ),
    Invariant(
        name="trial_balance_is_zero",
        rule="debits and credits of all balances are equal",
        check="""
            SELECT sum(debit_usd), sum(credit_usd) FROM ledger_balance
            HAVING sum(debit_usd) <> sum(credit_usd)
        """,
    ),
    Invariant(
        name="reversals_mirror_their_transfers",
        rule="a reversing transfer has the amount of the other and its accounts swapped",
        check="""
            SELECT r.id, o.id FROM transfer r JOIN transfer o ON o.id = r.reverses_id
            WHERE (r.amount_usd, r.debit_id, r.credit_id)
                  <> (o.amount_usd, o.credit_id, o.debit_id)
        """,
    ),
    Invariant(
        name="invoices_are_posted_whole",
        rule="an invoice is posted with all charges and taxes, its reversal with all of them back",
        check="""
            SELECT i.id, i.number, i.retailer_usd + i.delivery_usd + i.tax_usd, t.amount, t.back
            FROM invoice i
            LEFT JOIN reversal r ON r.invoice_id = i.id
            LEFT JOIN LATERAL (
              SELECT sum(CASE WHEN d.account_id IS NULL THEN -t.amount_usd ELSE t.amount_usd END)
                       AS amount,
                     sum(CASE WHEN b.id IS NULL THEN 0
                              WHEN d.account_id IS NULL THEN -b.amount_usd
                              ELSE b.amount_usd END) AS back
              FROM transfer t JOIN ledger_account d ON d.id = t.debit_id
              LEFT JOIN transfer b ON b.reverses_id = t.id
              WHERE t.source_kind = 1 AND t.source_id = i.id) t ON true
            WHERE coalesce(t.amount, 0) <> i.retailer_usd + i.delivery_usd + i.tax_usd
               OR coalesce(t.back, 0) <> CASE WHEN r.id IS NULL THEN 0
                                              ELSE coalesce(t.amount, 0) END
        """,
    ),
    Invariant(
        name="amount_due_was_the_balance",
        rule="the last invoice's amount due and what moved since are the account's balance",
        check="""
            SELECT a.account_id, i.number, i.amount_due_usd, s.moved, b.debit_usd - b.credit_usd
            FROM ledger_account a
            JOIN ledger_balance b ON b.ledger_account_id = a.id AND b.shard = 0
            JOIN LATERAL (
              SELECT * FROM invoice i WHERE i.account_id = a.account_id
              ORDER BY i.ledger_mark DESC, i.id DESC LIMIT 1) i ON true
            LEFT JOIN LATERAL (
              SELECT coalesce(sum(CASE WHEN t.debit_id = a.id THEN t.amount_usd
                                       ELSE -t.amount_usd END), 0) AS moved
              FROM transfer t
              WHERE t.account_id = a.account_id AND t.id > i.ledger_mark
                AND NOT (t.source_kind = 1 AND t.source_id = i.id)) s ON true
            WHERE a.kind = 'receivable'
              AND i.amount_due_usd + s.moved <> b.debit_usd - b.credit_usd
        """,
    ),
)

_INVOICES = (
    Invariant(
        name="invoices_are_sums_of_lines",
        rule="an invoice is the sum of its lines and taxes, and its charges that of the lines",
        check="""
            SELECT i.id, i.number FROM invoice i
            LEFT JOIN (SELECT invoice_id, count(*) AS lines, sum(amount_usd) AS amount
                       FROM invoice_line GROUP BY invoice_id) l ON l.invoice_id = i.id
            LEFT JOIN (SELECT invoice_id, sum(amount_usd) AS amount,
                              sum(retailer_usd + delivery_usd) AS split
                       FROM invoice_tax GROUP BY invoice_id) t ON t.invoice_id = i.id
            LEFT JOIN (SELECT invoice_id, sum(amount_usd) AS amount
                       FROM charge GROUP BY invoice_id) c ON c.invoice_id = i.id
            WHERE coalesce(l.lines, 0) <> i.line_count
               OR coalesce(l.amount, 0) <> i.retailer_usd + i.delivery_usd
               OR coalesce(c.amount, 0) <> i.retailer_usd + i.delivery_usd
               OR coalesce(t.amount, 0) <> i.tax_usd OR coalesce(t.split, 0) <> i.tax_usd
        """,
    ),
    Invariant(
        name="lines_belong_to_invoices",
        rule="every line, tax and charge has its invoice, every line its template",
        check="""
            SELECT 'line', l.invoice_id FROM invoice_line l
            LEFT JOIN invoice i ON i.id = l.invoice_id
            LEFT JOIN line_template t ON t.id = l.template_id
            WHERE i.id IS NULL OR t.id IS NULL
            UNION ALL
            SELECT 'tax', x.invoice_id FROM invoice_tax x
            LEFT JOIN invoice i ON i.id = x.invoice_id
            LEFT JOIN tax_template t ON t.id = x.template_id
            WHERE i.id IS NULL OR t.id IS NULL
            UNION ALL
            SELECT 'charge', c.invoice_id FROM charge c
            LEFT JOIN invoice i ON i.id = c.invoice_id WHERE i.id IS NULL
        """,
    ),
    Invariant(
        name="no_day_is_billed_twice",
        rule="no two live charges of a contract and kind share a day",
        check="""
            SELECT id, contract_id, period_start, period_end FROM (
              SELECT id, contract_id, period_start, period_end,
                     lag(period_end) OVER (PARTITION BY contract_id, kind ORDER BY period_start)
                       AS before
              FROM charge WHERE reversal_id IS NULL) c
            WHERE before > period_start
        """,
    ),
    Invariant(
        name="banks_are_handed_on",
        rule="a charge's bank comes in as the live charge before it left it",
        check="""
            SELECT id, esi_id, bank_in_usd, before FROM (
              SELECT id, esi_id, bank_in_usd,
                     lag(bank_out_usd) OVER (PARTITION BY account_id, esi_id ORDER BY period_end)
                       AS before
              FROM charge WHERE reversal_id IS NULL) c
            WHERE before IS NOT NULL AND before <> bank_in_usd
        """,
    ),
    Invariant(
        name="reversed_invoices_have_no_live_charge",
        rule="the charges of an invoice are live until it is reversed, and no longer",
        check="""
            SELECT c.id, c.invoice_id FROM charge c
            LEFT JOIN reversal r ON r.invoice_id = c.invoice_id
            WHERE c.reversal_id IS DISTINCT FROM r.id
        """,
    ),
    Invariant(
        name="money_is_a_number",
        rule="no amount is NaN",
        check="""
            SELECT 'invoice', id FROM invoice
            WHERE 'NaN' IN (previous_balance_usd, payments_usd, adjustments_usd, retailer_usd,
                            delivery_usd, tax_usd, amount_due_usd)
            UNION ALL SELECT 'line', invoice_id FROM invoice_line WHERE amount_usd = 'NaN'
            UNION ALL SELECT 'tax', invoice_id FROM invoice_tax
            WHERE 'NaN' IN (base_usd, amount_usd, retailer_usd, delivery_usd)
            UNION ALL SELECT 'charge', id FROM charge
            WHERE 'NaN' IN (amount_usd, bank_in_usd, bank_earned_usd, bank_applied_usd,
                            bank_used_usd, bank_out_usd, bank_lost_usd)
            UNION ALL SELECT 'transfer', id FROM transfer WHERE amount_usd = 'NaN'
        """,
    ),
)

_RUNS = (
    Invariant(
        name="billed_items_have_one_invoice",
        rule="an item is billed or reversed exactly when its invoice exists, under its number",
        check="""
            SELECT coalesce(b.id, i.id), b.state, b.number, i.number
            FROM bill_run_item b FULL JOIN invoice i ON i.id = b.id
            WHERE i.number IS DISTINCT FROM
                  CASE WHEN b.state IN ('billed', 'reversed') THEN b.number END
        """,
    ),
    Invariant(
        name="every_invoice_was_told",
        rule="an invoice of the last 13 days has one event that tells of it, a reversal one too",
        check="""
            SELECT i.number, count(e.id) FILTER (WHERE e.event_type = 'billing.invoice-issued.v1'),
                   count(e.id) FILTER (WHERE e.event_type = 'billing.invoice-reversed.v1')
            FROM invoice i
            LEFT JOIN reversal r ON r.invoice_id = i.id
            LEFT JOIN outbox_event e ON e.aggregate_type = 'account'
              AND e.payload ->> 'invoice_number' = i.number
              AND e.event_type IN ('billing.invoice-issued.v1', 'billing.invoice-reversed.v1')
            WHERE i.created_at > now() - interval '13 days'
            GROUP BY i.number, r.id
            HAVING count(e.id) FILTER (WHERE e.event_type = 'billing.invoice-issued.v1') <> 1
                OR count(e.id) FILTER (WHERE e.event_type = 'billing.invoice-reversed.v1')
                   <> CASE WHEN r.id IS NULL THEN 0 ELSE 1 END
        """,
    ),
    Invariant(
        name="finished_runs_are_finished",
        rule="a finished run has no item and no chunk left, and its chunks count what they did",
        check="""
            SELECT r.id, c.chunk_no FROM bill_run r JOIN bill_run_chunk c ON c.run_id = r.id
            WHERE (r.state = 'finished' AND NOT c.is_done)
               OR (c.is_done AND (
                     c.billed + c.held + c.skipped <> c.planned
                     OR EXISTS (SELECT 1 FROM bill_run_item i
                                WHERE i.run_id = r.id AND i.chunk_no = c.chunk_no
                                  AND i.state = 'planned')))
        """,
    ),
)

INVARIANTS = (*_LEDGER, *_INVOICES, *_RUNS)
