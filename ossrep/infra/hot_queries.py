"""Statements that every call of the portal asks: planned once a connection, not with each call.

Django merges values into the text, so that the server plans each statement anew; for a point
query over four tables that costs several times what running it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import pq

from ossrep.infra import audit


class _PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    """Keeps its statements prepared; only these, so that no other text is remembered."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> _PreparedCursor:
        self.connection.prepare_threshold = 0
        try:
            super().execute(query, params, prepare=True)
        finally:
            self.connection.prepare_threshold = None
        return self


class _OpeningCursor(psycopg.ClientCursor[tuple[Any, ...]]):
    """Sends BEGIN and its statement in one round trip; gives no rows."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> _OpeningCursor:
        server = self.connection.pgconn
        if server.transaction_status != pq.TransactionStatus.IDLE or self.connection.autocommit:
            super().execute(query, params)
            return self
        text = f"BEGIN; {self.mogrify(query, params)}"
        with self.connection.lock:
            result = server.exec_(text.encode(self.connection.info.encoding))
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result)
        return self


def prepared_rows(
    connection: BaseDatabaseWrapper, text: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """All rows of one query, whose text is always the same.

    Values are sent apart from the text: write ``%s::bigint[]`` and the like where the server
    cannot tell a type. Plans follow the role: the server plans anew under another one.
    """
    # Who asks on behalf of a change has its history's words put in front: two statements.
    kind = psycopg.ClientCursor if audit.is_active() else _PreparedCursor
    with _wrapped(connection, kind) as cursor:
        cursor.execute(text, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute_opening(connection: BaseDatabaseWrapper, text: str, parameters: Sequence[Any]) -> None:
    """Runs a SELECT for what it does, together with the BEGIN if that is still to be sent."""
    with _wrapped(connection, _OpeningCursor) as cursor:
        cursor.execute(text, parameters)


def _wrapped(connection: BaseDatabaseWrapper, kind: type[psycopg.Cursor[Any]]) -> Any:
    """A cursor inside Django's own wrapper: errors, logs and counts are as ever."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection._prepare_cursor(kind(connection.connection))  # type: ignore[attr-defined]
