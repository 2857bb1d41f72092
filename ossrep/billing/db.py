"""This context's own database handles; nothing here reaches another schema."""

from __future__ import annotations

from functools import partial

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ossrep.infra import database

ALIAS = "billing"

transaction = partial(database.transaction, ALIAS)


def connection() -> BaseDatabaseWrapper:
    """The connection of this context's alias."""
    return connections[ALIAS]
