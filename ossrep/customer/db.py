"""This context's own database handles; nothing here reaches another schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ossrep.infra import database, external_role, hot_queries

ALIAS = "customer"

transaction = partial(database.transaction, ALIAS)
external = partial(external_role.external, ALIAS)
external_rows = partial(external_role.external_rows, ALIAS)


def connection() -> BaseDatabaseWrapper:
    """The connection of this context's alias."""
    return connections[ALIAS]


def rows(
    text: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None
) -> list[tuple[Any, ...]]:
    """All rows of one query."""
    with connection().cursor() as cursor:
        cursor.execute(text, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def prepared_rows(text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of one query that is asked all the time; see ``infra.hot_queries``."""
    return hot_queries.prepared_rows(connection(), text, parameters)


def run(text: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> int:
    """Runs one statement; the number of rows it touched."""
    with connection().cursor() as cursor:
        cursor.execute(text, parameters)
        touched: int = cursor.rowcount
    return touched
