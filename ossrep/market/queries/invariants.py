"""What must hold in ``market`` at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

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
)
