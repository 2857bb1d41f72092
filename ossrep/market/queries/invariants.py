"""What must hold in ``market`` at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant
from ossrep.market.queries.matching_invariants import MATCHING_INVARIANTS

INVARIANTS = (
    Invariant(
        name="read_dates_rise",
        rule="the read date of a later month comes after that of the month before",
        check="""
            SELECT tdsp_id, read_cycle, month, read_date, next_date FROM (
                SELECT tdsp_id, read_cycle, month, read_date,
                       lead(read_date) OVER (
                           PARTITION BY tdsp_id, read_cycle ORDER BY month) AS next_date
                FROM read_date) AS following
            WHERE next_date <= read_date
        """,
    ),
    Invariant(
        name="every_set_has_an_outcome",
        rule="a received set has outcomes numbered from 1 without a hole",
        check="""
            SELECT s.id, count(o.id), max(o.number)
            FROM inbound_set s LEFT JOIN inbound_outcome o ON o.inbound_set_id = s.id
            GROUP BY s.id HAVING count(o.id) = 0 OR count(o.id) <> max(o.number)
        """,
    ),
    Invariant(
        name="acknowledged_if_committed",
        rule="a group of business has its 997 if and only if its outcomes are there",
        check="""
            SELECT g.id, g.functional_id, g.set_count,
                   (SELECT count(*) FROM inbound_set s WHERE s.group_id = g.id),
                   (SELECT count(*) FROM outbound_message m WHERE m.answers_id = g.id)
            FROM inbound_group g
            JOIN inbound_work w ON w.file_id = g.file_id
            WHERE w.state = 'stored' AND w.finished_at IS NULL
               OR (SELECT count(*) FROM inbound_set s WHERE s.group_id = g.id) <> g.set_count
               OR (SELECT count(*) FROM outbound_message m WHERE m.answers_id = g.id)
                  <> CASE WHEN g.functional_id IN ('FA', '') OR g.partner_id IS NULL
                          OR NOT EXISTS (SELECT 1 FROM market_identity i WHERE i.gs_id = g.receiver)
                          OR EXISTS (SELECT 1 FROM inbound_set s
                                     JOIN inbound_outcome o ON o.inbound_set_id = s.id
                                     WHERE s.group_id = g.id
                                       AND o.code IN ('unregistered', 'not_for_us'))
                     THEN 0 ELSE 1 END
        """,
    ),
    Invariant(
        name="parked_sets_wait",
        rule="a set waits if and only if its last outcome is parked",
        check="""
            SELECT s.inbound_set_id, s.state, p.settled_at
            FROM (SELECT DISTINCT ON (inbound_set_id) inbound_set_id, state
                  FROM inbound_outcome ORDER BY inbound_set_id, number DESC) s
            LEFT JOIN parked_set p USING (inbound_set_id)
            WHERE (s.state = 'parked') <> (p.inbound_set_id IS NOT NULL AND p.settled_at IS NULL)
        """,
    ),
    Invariant(
        name="control_numbers_without_gaps",
        rule="our interchanges to a receiver are numbered from 1 to the last number, each once",
        check="""
            SELECT i.sender, i.receiver, count(*), min(i.control_number), max(i.control_number),
                   c.last
            FROM outbound_interchange i
            LEFT JOIN control_number c ON c.series = 'interchange' AND c.sender = i.sender
                 AND c.receiver = i.receiver
            GROUP BY i.sender, i.receiver, c.last
            HAVING max(i.control_number) - min(i.control_number) + 1 <> count(*)
                OR max(i.control_number) IS DISTINCT FROM c.last
        """,
    ),
    Invariant(
        name="messages_go_out_once",
        rule="a message of ours either waits or was placed",
        check="""
            SELECT m.id FROM outbound_message m
            LEFT JOIN queued_message q ON q.message_id = m.id
            WHERE (q.message_id IS NULL)
                  <> EXISTS (SELECT 1 FROM placement p WHERE p.message_id = m.id)
        """,
    ),
    *MATCHING_INVARIANTS,
)
