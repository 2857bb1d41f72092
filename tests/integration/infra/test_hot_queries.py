"""Statements that stay prepared, and the BEGIN that travels with the first one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from ossrep.infra.audit import history_context
from ossrep.infra.database import transaction
from ossrep.infra.hot_queries import execute_opening, prepared_rows, rows_in_one_trip

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

    def test_give_values_of_all_types(self, connection: BaseDatabaseWrapper) -> None:
        text = "SELECT %s::text, %s::int, %s::bigint[], %s::date, %s::text"

        with CaptureQueriesContext(connection) as seen:
            the_long_way = prepared_rows(connection, text, ["a'%\\", 7, (1, 2), "2026-11-24", None])
        direct = prepared_rows(connection, text, ["a'%\\", 7, (1, 2), "2026-11-24", None])

        assert direct == [("a'%\\", 7, [1, 2], dt.date(2026, 11, 24), None)]
        assert the_long_way == direct
        assert len(seen) == 1

    def test_wait_for_the_begin_that_django_has_to_send(
        self, connection: BaseDatabaseWrapper
    ) -> None:
        connection.set_autocommit(False)

        prepared_rows(connection, _SUM, [[1]])

        assert _status(connection) == TransactionStatus.INTRANS
        connection.rollback()

    def test_let_django_know_of_a_lost_server(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        with connections["default"].cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

        with pytest.raises(DatabaseError):
            prepared_rows(connection, _SUM, [[1]])
        connection.close_if_unusable_or_obsolete()

        assert prepared_rows(connection, _SUM, [[1]]) == [(1,)]

    def test_answer_within_the_history_of_a_change_too(
        self, connection: BaseDatabaseWrapper
    ) -> None:
        with history_context(reason="test"), transaction("customer"):
            assert prepared_rows(connections["customer"], _SUM, [[1, 2]]) == [(3,)]

    def test_raise_django_s_errors(self, connection: BaseDatabaseWrapper) -> None:
        with pytest.raises(ProgrammingError, match="no_such_table"):
            prepared_rows(connection, "SELECT * FROM no_such_table", [])

        assert prepared_rows(connection, _SUM, [[]]) == [(None,)]


_OPENING = ("SELECT set_config('ossrep.customer_id', %s, true)", ["7'; --"])
_SETTING = "SELECT current_setting('ossrep.customer_id', true), %s::bigint[]"


class TestRowsInOneTrip:
    def test_are_read_in_a_transaction_of_their_own(self, connection: BaseDatabaseWrapper) -> None:
        inside = rows_in_one_trip(connection, opening=_OPENING, query=(_SETTING, [(1, 2)]))
        after = prepared_rows(connection, _SETTING, [()])

        assert inside == [("7'; --", [1, 2])]
        assert after == [("", [])]
        assert _status(connection) == TransactionStatus.IDLE

    def test_are_not_asked_for_in_another_transaction(
        self, connection: BaseDatabaseWrapper
    ) -> None:
        connection.set_autocommit(False)
        before_begin = rows_in_one_trip(connection, opening=_OPENING, query=(_SETTING, [()]))
        prepared_rows(connection, "SELECT 1", [])
        in_it = rows_in_one_trip(connection, opening=_OPENING, query=(_SETTING, [()]))
        setting = prepared_rows(connection, _SETTING, [()])
        connection.rollback()

        assert (before_begin, in_it) == (None, None)
        assert setting != [("7'; --", [])]

    def test_are_not_asked_for_where_statements_are_seen(
        self, connection: BaseDatabaseWrapper
    ) -> None:
        with CaptureQueriesContext(connection):
            seen = rows_in_one_trip(connection, opening=_OPENING, query=(_SETTING, [()]))

        assert seen is None

    def test_leave_nothing_behind_when_they_fail(self, connection: BaseDatabaseWrapper) -> None:
        division = ("SELECT 1 / %s::int", [0])

        with pytest.raises(DatabaseError, match="division by zero"):
            rows_in_one_trip(connection, opening=_OPENING, query=division)

        assert _status(connection) == TransactionStatus.IDLE
        assert prepared_rows(connection, _SETTING, [()]) != [("7'; --", [])]


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
