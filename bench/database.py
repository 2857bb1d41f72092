"""A database of a bench's own: migrated, empty, dropped afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from ossrep.infra import database

NAME = "bench_ossrep"


@contextlib.contextmanager
def scratch_database() -> Iterator[str]:
    """Within it all aliases point at a fresh database; its name, for child processes too.

    Child processes find it by ``OSSREP_DATABASE_NAME``. The server keeps its default durability.
    """
    database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
    before = settings.DATABASES["default"]["NAME"]
    environment_before = os.environ.get("OSSREP_DATABASE_NAME")
    _drop()
    _point_all_aliases_at(NAME)
    os.environ["OSSREP_DATABASE_NAME"] = NAME
    try:
        call_command("migrate", verbosity=0)
        yield NAME
    finally:
        _point_all_aliases_at(before)
        if environment_before is None:
            del os.environ["OSSREP_DATABASE_NAME"]
        else:
            os.environ["OSSREP_DATABASE_NAME"] = environment_before
        _drop()


def _point_all_aliases_at(name: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _drop() -> None:
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname="postgres") as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
        )
