"""Keeping the outbox: depth, pruning, replay, quarantine, a new incarnation after a restore."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections

from ossrep.infra import database
from ossrep.infra.outbox.writing import SHARDS
from ossrep.kernel.errors import DomainError

DAYS_KEPT = 14
ROWS_PER_DELETE = 5_000

# Unpublished, and not behind a quarantined event of its own aggregate.
_PUBLISHABLE = """
    SELECT 1 FROM outbox_event e
    WHERE e.published_at IS NULL AND e.shard = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM outbox_event q
        WHERE q.quarantined_at IS NOT NULL AND q.published_at IS NULL
          AND q.aggregate_type = e.aggregate_type AND q.aggregate_id = e.aggregate_id)
    LIMIT 1
"""


class NothingToReplay(DomainError):
    """The outbox keeps no event of that aggregate from that number on."""

    code = "nothing_to_replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """The state of one context's outbox and inbox, as counts and the oldest waiting instant."""

    context: str
    unpublished: int
    oldest_unpublished_at: dt.datetime | None
    failing: int
    quarantined: int
    kept: int
    parked_aggregates: int
    parked_events: int


def is_empty(*, context: str, shards: Sequence[int] = range(SHARDS)) -> bool:
    """True when no event can be published; quarantined ones and those behind them may remain."""
    with connections[context].cursor() as cursor:
        cursor.execute(_PUBLISHABLE, [list(shards)])
        return cursor.fetchone() is None


def depth(*, context: str) -> Depth:
    """Counts what waits, fails, is quarantined or parked."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE published_at IS NULL), "
            "min(created_at) FILTER (WHERE published_at IS NULL), "
            "count(*) FILTER (WHERE published_at IS NULL AND attempts > 0), "
            "count(*) FILTER (WHERE quarantined_at IS NOT NULL AND published_at IS NULL), "
            "count(*) FILTER (WHERE published_at IS NOT NULL), "
            "(SELECT count(*) FROM inbox_stream WHERE parked), "
            "(SELECT count(*) FROM inbox_parked) "
            "FROM outbox_event"
        )
        row = cursor.fetchone()
    return Depth(
        context=context,
        unpublished=row[0],
        oldest_unpublished_at=row[1],
        failing=row[2],
        quarantined=row[3],
        kept=row[4],
        parked_aggregates=row[5],
        parked_events=row[6],
    )


def prune(*, context: str, days_kept: int = DAYS_KEPT) -> int:
    """Deletes events published more than ``days_kept`` days ago, in batches; returns the count.

    The runtime role may not delete events; a function of the owner does it, and deletes
    published ones only.
    """
    deleted = 0
    while True:
        with connections[context].cursor() as cursor:
            cursor.execute("SELECT outbox_prune(%s, %s)", [days_kept, ROWS_PER_DELETE])
            count: int = cursor.fetchone()[0]
        deleted += count
        if count < ROWS_PER_DELETE:
            return deleted


def replay(*, context: str, aggregate_type: str, aggregate_id: str, from_seq: int = 1) -> int:
    """Publishes an aggregate's kept events anew, from a number to its end; returns the count.

    Always the whole tail, so that order holds; consumers skip what they have.
    """
    with database.transaction(context), connections[context].cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET published_at = NULL, quarantined_at = NULL, attempts = 0 "
            "WHERE aggregate_type = %s AND aggregate_id = %s AND seq >= %s "
            "AND published_at IS NOT NULL",
            [aggregate_type, aggregate_id, from_seq],
        )
        count: int = cursor.rowcount
    if count == 0:
        raise NothingToReplay(
            f"no kept event from {from_seq} on", where=f"{aggregate_type}:{aggregate_id}"
        )
    return count


def retry_quarantined(*, context: str, row_ids: list[int] | None = None) -> int:
    """Lets quarantined events (all, or those rows) be tried again; returns the count."""
    with database.transaction(context), connections[context].cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_event SET quarantined_at = NULL, attempts = 0 "
            "WHERE quarantined_at IS NOT NULL AND published_at IS NULL "
            "AND (%s::bigint[] IS NULL OR id = ANY(%s))",
            [row_ids, row_ids],
        )
        count: int = cursor.rowcount
        return count


def incarnation(*, context: str) -> int:
    """The number new events carry; it rises when the database was restored to an earlier state."""
    with connections[context].cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(d.adbin, d.adrelid)::int FROM pg_attrdef d "
            "JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
            "WHERE d.adrelid = to_regclass('outbox_event') AND a.attname = 'incarnation'"
        )
        number: int = cursor.fetchone()[0]
        return number


def begin_new_incarnation(*, context: str) -> int:
    """After a restore: new events carry the next incarnation, so that their sequence numbers,
    given a second time, are not taken for repeats. Run it before anything writes; returns it.
    """
    following = incarnation(context=context) + 1
    with database.as_owner(context), connections[context].cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE outbox_event ALTER COLUMN incarnation SET DEFAULT {following:d}"
        )
    return following
