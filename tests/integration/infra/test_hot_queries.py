"""Statements that stay prepared, and the BEGIN that travels with the first one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from ossrep.infra.audit import history_context
from ossrep.infra.database import transaction
from ossrep.infra.hot_queries import execute_opening, prepared_rows

pytestmark = pytest.mark.django_db(databases="__all__")

_SUM = "SELECT sum(n) FROM unnest(%s::bigint[]) n"
_SCOPE = "SELECT set_config('ossrep.customer_id', %s, true)"


@pytest.fixture
def connection() -> Iterator[BaseDatabaseWrapper]:
    """One of its own, outside the transaction that a test is rolled back with."""
    found = connections.create_connection("customer")
    found.ensure_connection()
    yield found
    found.close()


def _status(connection: BaseDatabaseWrapper) -> TransactionStatus:
    return TransactionStatus(connection.connection.info.transaction_status)


class TestPreparedRows:
    def test_plan_a_text_once(self, connection: BaseDatabaseWrapper) -> None:
        sums = [prepared_rows(connection, _SUM, [[1, n]])[0][0] for n in (2, 3, 4)]
        prepared_rows(connection, "SELECT %s::text", ["another"])

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements"
            )
            kept: dict[str, int] = dict(cursor.fetchall())
        assert sums == [3, 4, 5]
        assert kept == {"SELECT sum(n) FROM unnest($1::bigint[]) n": 3, "SELECT $1::text": 1}

    def test_leave_other_statements_alone(self, connection: BaseDatabaseWrapper) -> None:
        prepared_rows(connection, _SUM, [[1]])

        assert connection.connection.prepare_threshold is None

    def test_answer_within_the_history_of_a_change_too(
        self, connection: BaseDatabaseWrapper
    ) -> None:
        with history_context(reason="test"), transaction("customer"):
            assert prepared_rows(connections["customer"], _SUM, [[1, 2]]) == [(3,)]

    def test_raise_django_s_errors(self, connection: BaseDatabaseWrapper) -> None:
        with pytest.raises(ProgrammingError, match="no_such_table"):
            prepared_rows(connection, "SELECT * FROM no_such_table", [])

        assert prepared_rows(connection, _SUM, [[]]) == [(None,)]


class TestExecuteOpening:
    def test_begins_the_transaction_that_it_sets_for(self, connection: BaseDatabaseWrapper) -> None:
        connection.set_autocommit(False)

        execute_opening(connection, _SCOPE, ["7'; --"])
        inside = prepared_rows(connection, "SELECT current_setting('ossrep.customer_id')", [])
        status = _status(connection)
        connection.commit()
        after = prepared_rows(connection, "SELECT current_setting('ossrep.customer_id')", [])

        assert (inside, status, after) == ([("7'; --",)], TransactionStatus.INTRANS, [("",)])

    def test_begins_none_where_one_runs(self, connection: BaseDatabaseWrapper) -> None:
        connection.set_autocommit(False)
        prepared_rows(connection, "SELECT 1", [])

        execute_opening(connection, _SCOPE, ["7"])

        assert prepared_rows(connection, "SELECT current_setting('ossrep.customer_id')", []) == [
            ("7",)
        ]

    def test_raises_django_s_errors(self, connection: BaseDatabaseWrapper) -> None:
        connection.set_autocommit(False)

        with pytest.raises(ProgrammingError, match="no_such_function"):
            execute_opening(connection, "SELECT no_such_function(%s)", ["7"])

        assert _status(connection) == TransactionStatus.INERROR
        connection.rollback()
