"""Reads of a customer's call run under a role of their own, which row-level security narrows.

The second lock: a query that forgets its filter still gets no row of anybody else. It guards
against our own mistakes; whoever can run SQL of their own could name another scope.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.db import connections

from ossrep.infra.database import external_role, transaction
from ossrep.infra.hot_queries import Row, Value, execute_opening, prepared_rows, rows_in_one_trip

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from ossrep.infra.auth.scope import CustomerScope

SETTINGS = (
    "role",
    "ossrep.customer_id",
    "ossrep.account_ids",
    "ossrep.esi_ids",
    "ossrep.served_esi_ids",
    "ossrep.served_from",
    "ossrep.served_to",
)
_READ = "SELECT " + ", ".join(f"current_setting('{name}', true)" for name in SETTINGS)
# One round trip, with the BEGIN; the third argument ends them with the transaction.
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)

# A plan for values yet unknown is kept; the statements look rows up by their keys.
_OPEN = f"{_SET}, set_config('plan_cache_mode', 'force_generic_plan', true)"

# On the connection: a transaction is the connection's, too.
_MARK = "_ossrep_is_external"


@contextlib.contextmanager
def external(alias: str, *, scope: CustomerScope) -> Iterator[None]:
    """A transaction that may only read, and only what belongs to the scope.

    Tables without a policy for customers cannot be read at all in it, and nothing can be written.
    Inside another one of the alias the outer scope goes on to hold: nothing widens it.
    """
    connection = connections[alias]
    if getattr(connection, _MARK, False):
        yield
        return
    is_outermost = not connection.in_atomic_block
    with transaction(alias), _marked(connection):
        if is_outermost:
            execute_opening(connection, _OPEN, _values(alias, scope))
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            before: tuple[str | None, ...] = cursor.fetchone()
            cursor.execute(_SET, _values(alias, scope))
            yield
            # A released savepoint would leave them to the rest of the outer transaction.
            cursor.execute(_SET, [value or "" for value in before])


def external_rows(
    alias: str, text: str, parameters: Sequence[Value], *, scope: CustomerScope
) -> list[Row]:
    """All rows of one query that is asked all the time, read as ``external`` reads.

    One round trip where the alias is in no transaction.
    """
    connection = connections[alias]
    opening = (_OPEN, _values(alias, scope))
    rows = rows_in_one_trip(connection, opening=opening, query=(text, parameters))
    if rows is not None:
        return rows
    with external(alias, scope=scope):
        return prepared_rows(connection, text, parameters)


@contextlib.contextmanager
def _marked(connection: BaseDatabaseWrapper) -> Iterator[None]:
    setattr(connection, _MARK, True)
    try:
        yield
    finally:
        setattr(connection, _MARK, False)


def _values(alias: str, scope: CustomerScope) -> list[str]:
    served = scope.served
    ends = (period.end_date for period in served)
    return [
        external_role(alias),
        str(scope.customer_id),
        ",".join(map(str, scope.account_ids)),
        ",".join(scope.esi_ids),
        ",".join(period.esi_id for period in served),
        ",".join(period.start_date.isoformat() for period in served),
        ",".join(end.isoformat() if end else "infinity" for end in ends),
    ]
