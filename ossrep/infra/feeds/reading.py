"""Reading what has changed, in the order in which it became certain.

A row is offered when its transaction id lies below that of the oldest transaction still at work, as
the reading statement's own snapshot knows it. Whoever commits later has an id that was at work
then, so it comes after every cursor given out before: nothing can be missed. A row that changes
again comes again. One long writing transaction anywhere in the cluster holds the feed back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connections, models
from django.db.models import F, Func, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from ossrep.infra import database
from ossrep.infra.outbox import keeping

KEY_MIN = -(2**63)
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_STAMPED_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND a.attname = 'changed_xid' AND NOT a.attisdropped
"""

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has come: after this row of this transaction."""

    incarnation: int
    xid: int
    key: int


def beginning(*, context: str) -> Position:
    """Before all rows."""
    return Position(keeping.incarnation(context=context), -1, KEY_MIN)


def present(*, context: str) -> Position:
    """After all that is certain by now: only what changes from here on follows."""
    return Position(keeping.incarnation(context=context), horizon(context=context), KEY_MIN)


def horizon(*, context: str) -> int:
    """The id of the oldest transaction still at work, or else of the next one."""
    with connections[context].cursor() as cursor:
        cursor.execute(f"SELECT {_HORIZON}")
        found: int = cursor.fetchone()[0]
        return found


def is_good(position: Position, *, context: str) -> bool:
    """False when the database was restored since: the reader must begin anew."""
    if position.incarnation != keeping.incarnation(context=context):
        return False
    return position.xid <= horizon(context=context)


def read_changes(
    queryset: QuerySet[Row], *, after: Position, limit: int, key: str = "pk"
) -> Sequence[Row]:
    """At most ``limit`` rows changed after a position, in order; one query.

    The rows have ``changed_xid`` (see ``tables``) and a whole number ``key``.
    """
    place: Any = Tuple(F("changed_xid"), F(key))
    below = Func(template=_HORIZON, output_field=models.BigIntegerField())
    # Compared as one pair, so that the index finds the place within a transaction of millions.
    beyond: Any = TupleGreaterThan(place, (after.xid, after.key))
    return list(queryset.filter(beyond, changed_xid__lt=below).order_by("changed_xid", key)[:limit])


def reset_after_restore(*, context: str) -> int:
    """Brings back rows that say they were changed by transactions still to come; gives how many.

    A dump carries transaction ids of another cluster. Part of ``outbox begin-incarnation``.
    """
    count = 0
    with database.transaction(context), connections[context].cursor() as cursor:
        cursor.execute(_STAMPED_TABLES)
        for (table,) in cursor.fetchall():
            name = connections[context].ops.quote_name(table)
            cursor.execute(f"UPDATE {name} SET changed_xid = 0 WHERE changed_xid >= {_HORIZON}")  # noqa: S608
            count += cursor.rowcount
    return count
