"""Everything a run wrote, but for ids and technical time stamps."""

from __future__ import annotations

from typing import Any

from ossrep.billing.db import connection

QUERIES = {
    "invoices": """
        SELECT i.number, i.brand_id, p.content_hash, i.account_id, i.account_number,
               i.bill_to_name, i.kind, i.period_start, i.period_end, i.issue_date, i.due_date,
               i.previous_balance_usd, i.payments_usd, i.adjustments_usd, i.retailer_usd,
               i.delivery_usd, i.tax_usd, i.amount_due_usd, i.import_wh, i.export_wh,
               i.average_price_tenth_cents, i.line_count, i.is_estimated, i.snapshot::text
        FROM invoice i JOIN printed_part p ON p.id = i.brand_part_id
    """,
    "lines": """
        SELECT i.number, l.line_no, l.site_no, t.content_hash, l.quantity, l.amount_usd,
               l.recipe::text
        FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
        JOIN line_template t ON t.id = l.template_id
    """,
    "taxes": """
        SELECT i.number, x.tax_no, t.content_hash, x.base_usd, x.amount_usd, x.retailer_usd,
               x.delivery_usd, x.split::text
        FROM invoice_tax x JOIN invoice i ON i.id = x.invoice_id
        JOIN tax_template t ON t.id = x.template_id
    """,
    "charges": """
        SELECT i.number, c.site_no, c.account_id, c.contract_id, c.kind, c.period_start,
               c.period_end, c.esi_id, c.plan_version_id, c.usage_source, c.delivery_source,
               c.import_wh, c.export_wh, c.peak_w, c.estimated_intervals, c.bank_in_usd,
               c.bank_earned_usd, c.bank_applied_usd, c.bank_used_usd, c.bank_out_usd,
               c.bank_lost_usd, c.amount_usd, encode(c.daily_import_wh, 'hex'),
               encode(c.daily_export_wh, 'hex'), encode(c.usage_digest, 'hex'), p.content_hash,
               c.reversal_id IS NULL
        FROM charge c JOIN invoice i ON i.id = c.invoice_id
        JOIN printed_part p ON p.id = c.printed_part_id
    """,
    "transfers": """
        SELECT t.account_id, d.kind, d.code, c.kind, c.code, t.amount_usd, t.kind, t.source_kind,
               i.number, t.source_leg, t.brand_id, t.effective_date, t.reverses_id IS NULL
        FROM transfer t JOIN ledger_account d ON d.id = t.debit_id
        JOIN ledger_account c ON c.id = t.credit_id
        LEFT JOIN invoice i ON t.source_kind = 1 AND i.id = t.source_id
    """,
    "balances": """
        SELECT a.kind, a.account_id, a.code, sum(b.debit_usd), sum(b.credit_usd)
        FROM ledger_account a JOIN ledger_balance b ON b.ledger_account_id = a.id
        GROUP BY a.kind, a.account_id, a.code
    """,
    "events": """
        SELECT aggregate_type, aggregate_id, seq, event_type, payload::text FROM outbox_event
    """,
    "items": """
        SELECT account_id, kind, period_start, period_end, number, state, reason_code
        FROM bill_run_item
    """,
    "work items": """
        SELECT account_id, esi_id, period_start, period_end, reason_code, message, status,
               money_at_risk_usd
        FROM work_item
    """,
}


def fingerprint() -> dict[str, list[tuple[Any, ...]]]:
    """Rows of each table by natural keys, sorted."""
    found = {}
    with connection().cursor() as cursor:
        for name, query in QUERIES.items():
            cursor.execute(query)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def is_untouched() -> bool:
    """True when nothing was billed yet."""
    tables = (
        "invoice",
        "invoice_line",
        "invoice_tax",
        "charge",
        "transfer",
        "outbox_event",
        "work_item",
    )
    with connection().cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            if cursor.fetchone() != (0,):
                return False
    return True
