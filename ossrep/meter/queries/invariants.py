"""What must hold of stored usage at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="interval_days_belong_somewhere",
        rule="every interval day has a meter point, an intake and a ruleset",
        check="""
            SELECT d.id, d.meter_point_id, d.intake_id, d.vee_ruleset_id
            FROM interval_day d
            LEFT JOIN meter_point p ON p.id = d.meter_point_id
            LEFT JOIN intake i ON i.id = d.intake_id
            LEFT JOIN vee_ruleset r ON r.id = d.vee_ruleset_id
            WHERE p.id IS NULL OR i.id IS NULL OR r.id IS NULL
        """,
    ),
    Invariant(
        name="revisions_without_holes",
        rule="revisions of a day count from 1 without a hole, and none is stored twice",
        check="""
            SELECT meter_point_id, date, direction, count(*), max(revision)
            FROM interval_day
            GROUP BY meter_point_id, date, direction
            HAVING max(revision) <> count(*)
                OR count(DISTINCT (source_time, digest)) <> count(*)
        """,
    ),
    Invariant(
        name="right_revision_counts",
        rule="of a day's revisions the one that ranks highest counts: the latest source time, "
        "then the most complete, the most actual, the last received",
        check="""
            WITH ranked AS (
                SELECT meter_point_id, date, direction, revision,
                       row_number() OVER (
                           PARTITION BY meter_point_id, date, direction
                           ORDER BY source_time DESC, missing_intervals, estimated_intervals,
                                    intake_id DESC, line DESC) AS place
                FROM interval_day)
            SELECT r.meter_point_id, r.date, r.direction, r.revision, c.revision
            FROM ranked r
            JOIN current_interval_day c USING (meter_point_id, date, direction)
            WHERE r.place = 1 AND r.revision <> c.revision
        """,
    ),
    Invariant(
        name="interval_sums_fit_values",
        rule="the sum kept beside a day's values is the sum of the values, for the newest days",
        check="""
            SELECT d.id, d.total_wh, s.total
            FROM (SELECT * FROM interval_day
                  WHERE id > (SELECT coalesce(max(id), 0) - 200 FROM interval_day)) d
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(v), 0) AS total, count(*) FILTER (WHERE v IS NULL) AS missing
                FROM unnest(interval_values(d.wh)) AS v) s
            WHERE s.total <> d.total_wh OR s.missing <> d.missing_intervals
        """,
    ),
    Invariant(
        name="first_export_is_first",
        rule="the first export date of a meter point is that of its first export day",
        check="""
            SELECT p.id, p.first_export_date, min(d.date)
            FROM meter_point p
            LEFT JOIN interval_day d ON d.meter_point_id = p.id AND d.direction = 1
            GROUP BY p.id, p.first_export_date
            HAVING min(d.date) IS DISTINCT FROM p.first_export_date
        """,
    ),
)
