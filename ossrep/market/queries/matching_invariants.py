"""What must hold of usage, invoices, payments and our groups at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

# A document counts where it was not refused and no cancel that counts names it. What names a cancel
# means what that one names, so such chains are left to the matching itself.
_ENDED = """
    EXISTS (SELECT 1 FROM {table} c
            WHERE c.esi_id = d.esi_id AND c.tdsp_code = d.tdsp_code AND c.purpose = 'cancel'
              AND c.refusal = '' AND c.original_reference = d.reference)
"""
_DEAD = """
    SELECT '{table}', p.id, d.reference
    FROM matched_period p JOIN {table} d ON d.id = p.{column}
    WHERE d.refusal <> '' OR d.purpose NOT IN ('original', 'replace') OR {ended}
       OR d.esi_id <> p.esi_id OR d.tdsp_code <> p.tdsp_code
"""
# Of several that count for one period the newest is meant: only one without any is a breach.
_LEFT_OUT = """
    SELECT '{table}', d.id, d.reference
    FROM {table} d
    LEFT JOIN matched_period p ON p.esi_id = d.esi_id AND p.tdsp_code = d.tdsp_code
         AND p.start_date = d.start_date AND p.end_date = d.end_date
    WHERE d.refusal = '' AND d.purpose = 'original' AND d.start_date <= d.end_date {more}
      AND p.{column} IS NULL AND NOT {ended}
"""


def _of_both(text: str) -> str:
    parts = (
        ("usage_document", "usage_id", ""),
        ("invoice_document", "invoice_id", "AND NOT d.is_standalone"),
    )
    return " UNION ALL ".join(
        text.format(table=table, column=column, more=more, ended=_ENDED.format(table=table))
        for table, column, more in parts
    )


MATCHING_INVARIANTS = (
    Invariant(
        name="live_documents_count",
        rule="a period holds usage and invoice that were neither cancelled nor refused, of its own",
        check=_of_both(_DEAD),
    ),
    Invariant(
        name="documents_are_in_their_period",
        rule="the period of an original that was neither cancelled nor refused holds a document",
        check=_of_both(_LEFT_OUT),
    ),
    Invariant(
        name="remittances_sum_to_their_lines",
        rule="a payment, its 820_02 and the sums of both over their invoices are one amount",
        check="""
            SELECT t.reference, t.total_usd, l.total, m.stated, m.itemized
            FROM tdsp_payment t
            LEFT JOIN LATERAL (SELECT sum(amount_usd) AS total FROM tdsp_payment_line
                               WHERE payment_id = t.id) l ON true
            LEFT JOIN LATERAL (
                SELECT max(s.segment->>2) FILTER (WHERE s.segment->>0 = 'BPR')::numeric AS stated,
                       sum((s.segment->>4)::numeric) FILTER (WHERE s.segment->>0 = 'RMR')
                           AS itemized
                FROM outbound_message o, jsonb_array_elements(o.segments) s (segment)
                WHERE o.id = t.outbound_message_id) m ON true
            WHERE l.total IS DISTINCT FROM t.total_usd
               OR t.state = 'sent' AND (m.stated IS DISTINCT FROM abs(t.total_usd)
                                        OR m.itemized IS DISTINCT FROM t.total_usd)
        """,
    ),
    Invariant(
        name="unpaid_invoices_are_queued",
        rule="the queue of open invoices holds exactly those that are not paid in full",
        check="""
            SELECT i.id, i.reference, q.invoice_id IS NOT NULL AS is_queued
            FROM invoice_document i
            LEFT JOIN open_invoice q ON q.invoice_id = i.id
            LEFT JOIN LATERAL (
                SELECT bool_or(l.amount_usd = l.invoice_amount_usd) AS is_paid
                FROM tdsp_payment_line l JOIN tdsp_payment t ON t.id = l.payment_id
                WHERE l.invoice_id = i.id AND t.state <> 'withdrawn') paid ON true
            WHERE (q.invoice_id IS NOT NULL) <> (
                i.refusal = '' AND i.purpose IN ('original', 'cancel', 'replace')
                AND NOT coalesce(paid.is_paid, false))
        """,
    ),
    Invariant(
        name="groups_are_acknowledged_or_asked_about",
        rule="a group that nobody has answered in a day, or that was refused, is a work item",
        check="""
            SELECT g.id, g.acknowledgment, i.sent_at
            FROM outbound_group g JOIN outbound_interchange i ON i.id = g.interchange_id
            WHERE g.functional_id <> 'FA' AND CASE
                WHEN g.acknowledgment = 'A' THEN false
                WHEN g.acknowledgment <> '' THEN NOT EXISTS (
                    SELECT 1 FROM work_queue_item w
                    WHERE w.kind = 'refused_by_partner' AND w.key = g.id::text)
                WHEN g.escalated_at IS NOT NULL THEN NOT EXISTS (
                    SELECT 1 FROM work_queue_item w
                    WHERE w.kind = 'not_acknowledged' AND w.key LIKE g.id || '/%')
                ELSE false END
        """,
    ),
    Invariant(
        name="told_usage_is_kept",
        rule="usage that others were told of stands in a document that was not refused",
        check="""
            SELECT e.id, e.payload->>'esi_id', e.payload->>'source_reference'
            FROM outbox_event e
            WHERE e.event_type IN ('market.usage-received.v1', 'market.usage-cancelled.v1')
              AND NOT EXISTS (
                SELECT 1 FROM usage_document u
                WHERE u.esi_id = e.payload->>'esi_id' AND u.refusal = ''
                  AND u.reference = e.payload->>'source_reference')
        """,
    ),
)
