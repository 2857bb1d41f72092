"""What must hold of customers, accounts and contracts at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="esi_id_served_once",
        rule="on any day at most one contract serves an ESI ID",
        check="""
            SELECT p.esi_id, a.number, b.number
            FROM contract a
            JOIN contract b ON b.premises_id = a.premises_id AND b.id > a.id
             AND daterange(a.start_date, a.end_date) && daterange(b.start_date, b.end_date)
            JOIN premises p ON p.id = a.premises_id
            WHERE a.status IN ('active', 'ended') AND b.status IN ('active', 'ended')
        """,
    ),
    Invariant(
        name="contract_life_traced",
        rule="the last noted step of a contract is its status, and no step is missing before it",
        check="""
            SELECT k.number, k.status, s.steps
            FROM contract k
            LEFT JOIN LATERAL (
                SELECT string_agg(DISTINCT c.status, ',' ORDER BY c.status) AS steps,
                       (array_agg(c.status ORDER BY c.id DESC))[1] AS last
                FROM contract_status_change c WHERE c.contract_id = k.id
            ) s ON true
            WHERE s.last IS DISTINCT FROM k.status
               OR (k.status = 'ended' AND s.steps NOT LIKE '%active%')
        """,
    ),
    Invariant(
        name="hierarchy_without_circles",
        rule="accounts stand below each other without circles, at most 6 levels deep",
        check="""
            WITH RECURSIVE up AS (
                SELECT id AS start, parent_id AS at, 1 AS level
                FROM account WHERE parent_id IS NOT NULL
                UNION ALL
                SELECT up.start, a.parent_id, up.level + 1
                FROM up JOIN account a ON a.id = up.at
                WHERE a.parent_id IS NOT NULL AND up.level < 7
            )
            SELECT a.number, max(up.level) + 1 FROM up JOIN account a ON a.id = up.start
            GROUP BY a.number HAVING max(up.level) >= 6
        """,
    ),
    Invariant(
        name="hierarchy_within_customer",
        rule="an account stands below accounts of its own customer only",
        check="""
            SELECT a.number, p.number FROM account a JOIN account p ON p.id = a.parent_id
            WHERE p.customer_id <> a.customer_id
        """,
    ),
    Invariant(
        name="certificates_once",
        rule="on any day at most one certificate of a scope is in force",
        check="""
            SELECT a.number, b.number FROM exemption_certificate a
            JOIN exemption_certificate b ON b.account_id = a.account_id AND b.id > a.id
             AND b.premises_id IS NOT DISTINCT FROM a.premises_id
             AND daterange(a.from_date, a.to_date) && daterange(b.from_date, b.to_date)
        """,
    ),
    Invariant(
        name="quarantine_decided",
        rule="a refused row is open, or it is known when it was decided on",
        check="""
            SELECT id, state FROM quarantined_row
            WHERE (state = 'open') <> (decided_at IS NULL)
        """,
    ),
)
