"""One receiver at a time looks at a service point's documents: locks that last to the commit."""

from __future__ import annotations

from collections.abc import Iterable

from ossrep.market.db import connection

# All service points share one more lock, so that a transaction that needs too many of them (each
# lock costs memory of the server that is not without end) can hold that one alone instead.
_LOCK_POINTS = """
    SELECT pg_advisory_xact_lock(hashtextextended(point, 867))
    FROM (SELECT pg_advisory_xact_lock_shared(867)) AS shared,
         (SELECT unnest(%s::text[]) AS point) AS points
    WHERE current_setting('ossrep.service_points', true) IS DISTINCT FROM 'held'
"""
_LOCK_ALL = "SELECT pg_advisory_xact_lock(867)"
_NOTE = "SELECT set_config('ossrep.service_points', 'held', true)"


def lock_service_points(*, esi_ids: Iterable[str]) -> None:
    """Locks these service points in the caller's transaction, in one order for all callers.

    The statements after it see what whoever held them before has committed.
    """
    with connection().cursor() as cursor:
        cursor.execute(_LOCK_POINTS, [sorted(set(esi_ids))])


def lock_all_service_points() -> None:
    """Locks every service point in the caller's transaction, with one lock."""
    with connection().cursor() as cursor:
        cursor.execute(_LOCK_ALL)
        cursor.execute(_NOTE)
