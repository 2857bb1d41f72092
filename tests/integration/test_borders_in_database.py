"""The database itself holds the borders between contexts."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connections

from ossrep.infra.database import CONTEXTS

pytestmark = pytest.mark.django_db(databases="__all__")


class TestRuntimeRole:
    @pytest.mark.parametrize("context", CONTEXTS)
    def test_is_the_context_own(self, context: str) -> None:
        with connections[context].cursor() as cursor:
            cursor.execute("SELECT current_user, current_schema()")

            assert cursor.fetchone() == (context, context)

    def test_cannot_read_a_table_of_another_context(self) -> None:
        with (
            connections["billing"].cursor() as cursor,
            pytest.raises(ProgrammingError, match="permission denied for schema customer"),
        ):
            cursor.execute("SELECT * FROM customer.outbox_event")

    def test_reads_its_own_tables(self) -> None:
        with connections["billing"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM outbox_event")

            assert cursor.fetchone() == (0,)

    def test_cannot_create_tables(self) -> None:
        with (
            connections["billing"].cursor() as cursor,
            pytest.raises(ProgrammingError, match="permission denied for schema billing"),
        ):
            cursor.execute("CREATE TABLE sneaked (id int)")
