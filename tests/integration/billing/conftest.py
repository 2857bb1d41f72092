"""An undisturbed run beside the disturbed one, in a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from ossrep.infra import database

Result = TypeVar("Result")


@pytest.fixture
def clone(fresh_database: str) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Does something in a copy of the fresh database and gives its result."""
    name = f"{fresh_database}_clone"

    def in_clone(work: Callable[[], Result]) -> Result:
        connections.close_all()
        _drop(name)
        entry = connections["default"].settings_dict
        with database.superuser_connection(entry, dbname="postgres") as server:
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(fresh_database)
                )
            )
        _point_at(name)
        try:
            return work()
        finally:
            _point_at(fresh_database)

    yield in_clone
    _drop(name)


def _point_at(name: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _drop(name: str) -> None:
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname="postgres") as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
