"""Statements that every call of the portal asks: planned once a connection, not with each call.

Django merges values into the text, so that the server plans each statement anew; for a point
query over four tables that costs several times what running it does. Its cursors, too, cost more
than the server needs for such a query, so these statements go to libpq directly where nobody has
to see them on their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import pq
from psycopg.adapt import Transformer

Value = str | int | Sequence[int] | None
Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Value]]

_kept: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def prepared_rows(
    connection: BaseDatabaseWrapper, text: str, parameters: Sequence[Value]
) -> list[Row]:
    """All rows of one query, whose text is always the same.

    Values are sent apart from the text: write ``%s::bigint[]`` and the like where the server
    cannot tell a type. Plans follow the role: the server plans anew under another one.
    """
    server = _direct(connection)
    if server is None:
        with connection.cursor() as cursor:
            cursor.execute(text, _merged(parameters))
            found: list[Row] = cursor.fetchall()
        return found
    # NULL is None here; the stubs do not know.
    values: list[Any] = [_as_text(value) for value in parameters]
    with connection.wrap_database_errors, server.lock:
        return _rows(server, server.pgconn.exec_prepared(_name(server, text), values))


def rows_in_one_trip(
    connection: BaseDatabaseWrapper, *, opening: Statement, query: Statement
) -> list[Row] | None:
    """All rows of the query, after a SELECT for what it does, in a transaction of the two.

    None where a transaction runs already, or statements must be seen: nothing was asked then.
    """
    server = _direct(connection)
    if server is None or not _is_idle(server):
        return None
    with connection.wrap_database_errors, server.lock:
        # The server makes one transaction of what one message brings.
        message = b"; ".join(_execute(server, *statement) for statement in (opening, query))
        return _rows(server, server.pgconn.exec_(message))


def _direct(connection: BaseDatabaseWrapper) -> psycopg.Connection[Any] | None:
    """The driver's connection; None where Django, the history or a test has to see statements."""
    connection.ensure_connection()
    if connection.execute_wrappers or connection.queries_logged:
        return None
    server: psycopg.Connection[Any] = connection.connection
    # Otherwise the driver has a BEGIN to send first.
    is_ready = server.autocommit if _is_idle(server) else _is_in_transaction(server)
    return server if is_ready else None


def _is_idle(server: psycopg.Connection[Any]) -> bool:
    return bool(server.pgconn.transaction_status == pq.TransactionStatus.IDLE)


def _is_in_transaction(server: psycopg.Connection[Any]) -> bool:
    return bool(server.pgconn.transaction_status == pq.TransactionStatus.INTRANS)


def _name(server: psycopg.Connection[Any], text: str) -> bytes:
    """The name of the prepared statement, which is prepared now if it never was."""
    names = _kept.setdefault(server, {})
    name = names.get(text)
    if name is None:
        name = f"ossrep_{len(names)}".encode()
        first, *others = text.split("%s")
        numbered = first + "".join(f"${n}{part}" for n, part in enumerate(others, start=1))
        _check(server.pgconn.prepare(name, numbered.encode()))
        names[text] = name
    return name


def _execute(server: psycopg.Connection[Any], text: str, parameters: Sequence[Value]) -> bytes:
    escaping = pq.Escaping(server.pgconn)
    values = [_as_text(value) for value in parameters]
    literals = [b"NULL" if v is None else bytes(escaping.escape_literal(v)) for v in values]
    arguments = b"(" + b", ".join(literals) + b")" if literals else b""
    return b"EXECUTE " + _name(server, text) + arguments


def _as_text(value: Value) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return ("{" + ",".join(map(str, value)) + "}").encode()
    return str(value).encode()


def _merged(parameters: Sequence[Value]) -> Sequence[Any]:
    return [list(value) if isinstance(value, tuple) else value for value in parameters]


def _rows(server: psycopg.Connection[Any], result: pq.abc.PGresult) -> list[Row]:
    _check(result)
    reader = Transformer(server)
    reader.set_pgresult(result)
    return reader.load_rows(0, result.ntuples, tuple)


def _check(result: pq.abc.PGresult) -> None:
    if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        raise psycopg.errors.error_from_result(result)


class _OpeningCursor(psycopg.ClientCursor[Row]):
    """Sends BEGIN and its statement in one round trip; gives no rows."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> _OpeningCursor:
        server = self.connection.pgconn
        if server.transaction_status != pq.TransactionStatus.IDLE or self.connection.autocommit:
            super().execute(query, params)
            return self
        text = f"BEGIN; {self.mogrify(query, params)}"
        with self.connection.lock:
            _check(server.exec_(text.encode(self.connection.info.encoding)))
        return self


def execute_opening(connection: BaseDatabaseWrapper, text: str, parameters: Sequence[Any]) -> None:
    """Runs a SELECT for what it does, together with the BEGIN if that is still to be sent."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        kind = _OpeningCursor(connection.connection)
        cursor = connection._prepare_cursor(kind)  # type: ignore[attr-defined]
    with cursor:
        cursor.execute(text, parameters)
