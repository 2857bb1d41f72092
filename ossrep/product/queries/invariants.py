"""What must hold in ``product`` at any moment."""

from __future__ import annotations

from ossrep.infra.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="plan_versions_without_holes",
        rule="the versions of a plan are numbered from 1 without a hole, its draft comes next",
        check="""
            SELECT p.code, count(v.id), max(v.version), max(d.version)
            FROM plan p
            LEFT JOIN plan_version v ON v.plan_id = p.id
            LEFT JOIN plan_draft d ON d.plan_id = p.id
            GROUP BY p.id, p.code
            HAVING coalesce(max(v.version), 0) <> count(v.id)
                OR max(d.version) <> coalesce(max(v.version), 0) + 1
        """,
    ),
    Invariant(
        name="plan_documents_are_the_plans_own",
        rule="a published document names its own plan and its plan's brand",
        check="""
            SELECT p.code, v.version, v.document ->> 'plan', v.document ->> 'brand'
            FROM plan_version v
            JOIN plan p ON p.id = v.plan_id
            JOIN brand b ON b.id = p.brand_id
            WHERE v.document ->> 'plan' <> p.code OR v.document ->> 'brand' <> b.code
        """,
    ),
    Invariant(
        name="tariff_rows_do_not_overlap",
        rule="no two rows of one charge share a day",
        check="""
            SELECT one.series_id, one.from_date, other.from_date
            FROM tariff_row one
            JOIN tariff_row other ON other.series_id = one.series_id AND other.id > one.id
            WHERE daterange(one.from_date, one.to_date)
               && daterange(other.from_date, other.to_date)
        """,
    ),
)
