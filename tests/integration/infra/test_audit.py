from __future__ import annotations

import json

import pytest
from django.db import connections, transaction
from psycopg import sql

from ossrep.infra import audit

pytestmark = pytest.mark.django_db(databases="__all__")


class TestHistoryContext:
    def test_reaches_composed_statements(self) -> None:
        with (
            audit.history_context(reason="because"),
            transaction.atomic(using="market"),
            connections["market"].cursor() as cursor,
        ):
            cursor.execute("CREATE TEMP TABLE thing (id int) ON COMMIT DROP")
            cursor.execute(sql.SQL("UPDATE {} SET id = id").format(sql.Identifier("thing")))
            cursor.execute("SELECT current_setting('pghistory.context_metadata')")

            assert json.loads(cursor.fetchone()[0]) == {"reason": "because"}

    def test_reaches_statements_of_many_rows(self) -> None:
        with (
            audit.history_context(reason="because"),
            transaction.atomic(using="market"),
            connections["market"].cursor() as cursor,
        ):
            cursor.execute("CREATE TEMP TABLE thing (id int) ON COMMIT DROP")
            cursor.executemany("INSERT INTO thing VALUES (%s)", [[1], [2]])
            cursor.execute(
                "SELECT count(*), current_setting('pghistory.context_metadata') FROM thing"
            )
            count, metadata = cursor.fetchone()

        assert (count, json.loads(metadata)) == (2, {"reason": "because"})
