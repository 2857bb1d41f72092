"""Rows for every table at once: only their number counts, not what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql

from ossrep.infra import database

# The value of row ``i``: numbers and keys are ``i``, so that every row refers to one that is there.
_BY_TYPE: Mapping[type[Any], str] = {
    models.BooleanField: "false",
    models.DateTimeField: "timestamptz '2026-06-01 12:00+00' + i * interval '1 minute'",
    models.DateField: "date '2026-06-01' + i",
    models.JSONField: "'{}'",
    models.UUIDField: "md5(i::text)::uuid",
    models.BinaryField: "'x'",
    models.GenericIPAddressField: "'192.0.2.1'",
    ArrayField: "'{}'",
}
# What the lists themselves look into.
_BY_COLUMN = {
    ("billing.PrintedPart", "content"): """'{"plan": "x", "name": "x", "version": 1}'""",
    ("billing.Invoice", "snapshot"): """'{"sites": [{"address": {"line1": "x", "city": "x"}}]}'""",
    ("product.PriceDay", "prices"): r"'\x0000000000000000'",
}


def clear_tables(server: psycopg.Connection[Any]) -> None:
    """Empties a database that is thrown away afterwards, and takes the checks off its tables."""
    rules = server.execute(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype IN ('c', 'x') AND conrelid <> 0 AND coninhcount = 0
          AND connamespace::regnamespace::text <> ALL(%s)
        """,
        [["pg_catalog", "information_schema"]],
    )
    for table, name in rules.fetchall():
        text = "ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}"
        server.execute(sql.SQL(text).format(sql.SQL(table), sql.Identifier(name)))
    partitioned = "SELECT oid::regclass::text, relname FROM pg_class WHERE relkind = 'p'"
    for table, name in server.execute(partitioned).fetchall():
        text = "CREATE TABLE {} PARTITION OF {} DEFAULT"
        server.execute(
            sql.SQL(text).format(sql.Identifier("public", f"{name}_rest"), sql.SQL(table))
        )
    server.execute("SET session_replication_role = replica")
    tables = sql.SQL(", ").join(_table(model) for model in _models())
    server.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))


def fill_tables(server: psycopg.Connection[Any], *, first: int, last: int) -> None:
    """Rows with the keys ``first`` to ``last`` in the table of each model of the contexts."""
    for model in _models():
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        text = "INSERT INTO {} ({}) SELECT {} FROM generate_series({}, {}) i"
        server.execute(
            sql.SQL(text).format(
                _table(model),
                sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
                sql.SQL(", ").join(sql.SQL(_value(field)) for field in fields),
                first,
                last,
            )
        )


def _models() -> Iterator[type[models.Model]]:
    for context in database.CONTEXTS:
        yield from apps.get_app_config(context).get_models()


def _table(model: type[models.Model]) -> sql.Composed:
    return sql.SQL("{}.{}").format(
        sql.Identifier(model._meta.app_label), sql.Identifier(model._meta.db_table)
    )


def _value(field: Any) -> str:
    looked_into = _BY_COLUMN.get((field.model._meta.label, field.name))
    if looked_into is not None:
        return looked_into
    if field.choices and not field.unique:
        return f"'{field.flatchoices[0][0]}'"
    for kind, value in _BY_TYPE.items():
        if isinstance(field, kind):
            return value
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return f"left('x' || i, {field.max_length or 20})"
    return "i"
