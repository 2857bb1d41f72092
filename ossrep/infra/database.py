"""Six aliases, six schemas, two roles each: the border between contexts, held by the database.

``default`` (schema ``platform``) has auth, sessions and the admin's log. Each context has the
alias and schema of its own name, a role ``<schema>_owner`` that owns the tables and runs
migrations, a runtime role ``<schema>`` that sees its own schema only, and a role
``<schema>_external`` for the reads of a customer's call (``external_role``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from django.conf import settings as django_settings
from django.db import DatabaseError, OperationalError, connections
from django.db import transaction as django_transaction
from psycopg import sql

from ossrep.infra import audit, embedded
from ossrep.kernel.errors import DomainError

CONTEXTS: tuple[str, ...] = ("customer", "product", "meter", "market", "billing")
ALIASES: tuple[str, ...] = ("default", *CONTEXTS)
SCHEMAS: dict[str, str] = {"default": "platform", **{context: context for context in CONTEXTS}}
_BOOTSTRAP_LOCK = 720_100


class DatabaseNotReady(DomainError):
    """The server does not answer, or lacks the schemas and roles."""

    code = "database_not_ready"


def installed() -> tuple[str, ...]:
    """The contexts that run in this process: all, unless ``OSSREP_CONTEXTS`` splits some off."""
    return tuple(django_settings.OSSREP_CONTEXTS)


def aliases() -> tuple[str, ...]:
    """The aliases that this process has: ``default`` and its contexts."""
    return ("default", *installed())


def owner_role(alias: str) -> str:
    """The role that owns an alias's tables and runs its migrations."""
    return f"{SCHEMAS[alias]}_owner"


def external_role(alias: str) -> str:
    """The role under which a customer's call reads a context."""
    return f"{SCHEMAS[alias]}_external"


def settings_for(
    *,
    var_dir: Path,
    name: str,
    url: str | None,
    context_urls: Mapping[str, str | None],
    contexts: Sequence[str] = CONTEXTS,
) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: one entry for ``default`` and each of the process's contexts.

    A context with a URL of its own logs in as its runtime role, or as a member of it; the others
    share ``url`` (or the embedded server). Who is not the runtime role takes it by ``assume_role``.
    """
    shared = _from_url(url) if url else _embedded(var_dir=var_dir, name=name)
    databases: dict[str, dict[str, Any]] = {}
    for alias in ("default", *contexts):
        schema = SCHEMAS[alias]
        own_url = context_urls.get(alias)
        entry = dict(_from_url(own_url) if own_url else shared)
        options = dict(entry.get("OPTIONS", {}))
        options["options"] = f"-c search_path={schema}"
        if entry["USER"] != schema:
            options["assume_role"] = schema
        entry["OPTIONS"] = options
        databases[alias] = entry
    return databases


def _embedded(*, var_dir: Path, name: str) -> dict[str, Any]:
    host = str(embedded.socket_dir(var_dir=var_dir))
    return _entry(NAME=name, USER=embedded.SUPERUSER, HOST=host, OPTIONS={})


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or parts.hostname or ""
    return _entry(
        NAME=unquote(parts.path.lstrip("/")),
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=host,
        PORT=str(parts.port or ""),
        OPTIONS=query,
    )


def _entry(**fields: Any) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 60, **fields}


def alias_of(app_label: str) -> str:
    """The alias where an app's tables live: its context's own, else ``default``."""
    return app_label if app_label in CONTEXTS else "default"


class ContextRouter:
    """Sends each app's tables to the alias of its context; everything else to ``default``."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """The alias a model is read from."""
        return alias_of(model._meta.app_label)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """The alias a model is written to."""
        return alias_of(model._meta.app_label)

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        """True within one alias."""
        return alias_of(obj1._meta.app_label) == alias_of(obj2._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """True on the alias the app belongs to."""
        return db == alias_of(app_label)


@contextlib.contextmanager
def transaction(alias: str) -> Iterator[None]:
    """A transaction on one context's alias; contexts bind it as their own ``transaction``."""
    is_outermost = not connections[alias].in_atomic_block
    with django_transaction.atomic(using=alias):
        if is_outermost:
            audit.announce(alias)
        yield


def superuser_connection(
    settings: Mapping[str, Any], *, dbname: str, autocommit: bool = True
) -> psycopg.Connection[Any]:
    """A connection without an assumed role or search path, for set-up and tests."""
    fields: dict[str, Any] = {
        "dbname": dbname,
        "user": settings.get("USER"),
        "password": settings.get("PASSWORD"),
        "host": settings.get("HOST"),
        "port": settings.get("PORT"),
    }
    return psycopg.connect(**{k: v for k, v in fields.items() if v}, autocommit=autocommit)


def bootstrap(
    settings: Mapping[str, Any], *, dbname: str, logins: Mapping[str, str] | None = None
) -> None:
    """Creates the database, the roles, the schemas and their rights; changes nothing that is there.

    Roles belong to the whole server, so all of it runs under one advisory lock. ``logins`` are
    contexts' own logins, where they are not the runtime role itself. Raises DatabaseNotReady when
    the login may not set BYPASSRLS.
    """
    with superuser_connection(settings, dbname="postgres") as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_BOOTSTRAP_LOCK])
        for alias in aliases():
            _ensure_role(server, owner_role(alias))
            _ensure_role(server, SCHEMAS[alias])
        for context in installed():
            _ensure_role(server, external_role(context))
            _grant_role(server, external_role(context), to=context)
        for context, login in (logins or {}).items():
            _grant_role(server, context, to=login)
            _grant_role(server, external_role(context), to=login)
        _ensure_bypass(server)
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone()
        if not found:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(dbname)))
    with superuser_connection(settings, dbname=dbname, autocommit=False) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_BOOTSTRAP_LOCK])
        for statement in schema_statements(dbname=dbname):
            connection.execute(statement)


def _ensure_role(server: psycopg.Connection[Any], role: str) -> None:
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        server.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    server.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))


def _grant_role(server: psycopg.Connection[Any], role: str, *, to: str) -> None:
    server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(to)))


def _ensure_bypass(server: psycopg.Connection[Any]) -> None:
    """Policies are for customers' calls: COPY FROM refuses under them, and no bill run pays."""
    rows = server.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND NOT rolbypassrls",
        [list(installed())],
    ).fetchall()
    missing = [
        sql.SQL("ALTER ROLE {} BYPASSRLS").format(sql.Identifier(row[0])) for row in sorted(rows)
    ]
    try:
        for statement in missing:
            server.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        commands = "; ".join(statement.as_string(server) for statement in missing)
        raise DatabaseNotReady(
            f"the login {server.info.user} may not set BYPASSRLS; have an administrator run: "
            f"{commands};",
            where=server.info.host or "database",
        ) from error


def schema_statements(*, dbname: str) -> Iterator[sql.Composed]:
    """The statements that make the schemas and give each runtime role its own schema only."""
    database = sql.Identifier(dbname)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format()
    for schema in [SCHEMAS[alias] for alias in aliases()]:
        names = {
            "database": database,
            "schema": sql.Identifier(schema),
            "owner": sql.Identifier(f"{schema}_owner"),
            "runtime": sql.Identifier(schema),
        }
        for text in _SCHEMA_SQL:
            yield sql.SQL(text).format(**names)
    for context in installed():
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
            sql.Identifier(context), sql.Identifier(external_role(context))
        )


_SCHEMA_SQL = (
    "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {owner}, {runtime}",
    "GRANT USAGE ON SCHEMA {schema} TO {runtime}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} "
    "GRANT USAGE, SELECT ON SEQUENCES TO {runtime}",
)


_MESSAGING_SQL = (
    # Few rows at most; the relay asks for them with every step.
    "CREATE INDEX IF NOT EXISTS outbox_event_quarantined "
    "ON outbox_event (aggregate_type, aggregate_id) WHERE quarantined_at IS NOT NULL",
    "REVOKE UPDATE, DELETE, TRUNCATE ON outbox_event FROM {runtime}",
    "GRANT UPDATE (published_at, attempts, last_error, quarantined_at) "
    "ON outbox_event TO {runtime}",
    "REVOKE DELETE, TRUNCATE ON outbox_stream FROM {runtime}",
    """
    CREATE OR REPLACE FUNCTION outbox_prune(days_kept int, rows_max int) RETURNS int
    LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
        WITH gone AS (
            DELETE FROM outbox_event WHERE id IN (
                SELECT id FROM outbox_event
                WHERE published_at
                    < clock_timestamp() - make_interval(days => greatest(days_kept, 1))
                LIMIT rows_max)
            RETURNING 1)
        SELECT count(*)::int FROM gone
    $$
    """,
    "REVOKE ALL ON FUNCTION outbox_prune(int, int) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION outbox_prune(int, int) TO {runtime}",
)


def guard_records(alias: str) -> None:
    """Rights on a context's outbox and history, beyond what its own migrations say.

    The runtime role adds and marks events and never changes them; it adds history and never
    changes or deletes it. Runs as the owner after each migrate; leaves alone what is right.
    """
    runtime = sql.Identifier(SCHEMAS[alias])
    names = {"schema": sql.Identifier(SCHEMAS[alias]), "runtime": runtime}
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT to_regclass('outbox_event')")
        if cursor.fetchone()[0] is not None:
            for text in _MESSAGING_SQL:
                cursor.execute(sql.SQL(text).format(**names))
        existing = connections[alias].introspection.table_names(cursor)
        for table in sorted(_history_tables(alias).intersection(existing)):
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                    sql.Identifier(table), runtime
                )
            )


def _history_tables(alias: str) -> set[str]:
    # Needs the app registry, which is not there yet when the settings import this module.
    from django.apps import apps
    from pghistory.models import Event

    return {
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, Event) and alias_of(model._meta.app_label) == alias
    }


def ensure_ready(databases: Mapping[str, Mapping[str, Any]], *, var_dir: Path) -> None:
    """Starts the embedded server when that is what the settings point at."""
    if databases["default"]["HOST"] == str(embedded.socket_dir(var_dir=var_dir)):
        embedded.start(var_dir=var_dir)


def lacks_migrations(error: DatabaseError) -> bool:
    """True when an error says that the database, a schema, a role or a table is not there yet."""
    missing = (
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedFunction,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.UndefinedObject,
        psycopg.errors.InvalidSchemaName,
    )
    # A refused connection has no SQLSTATE; the server's words are all there is.
    is_unknown = isinstance(error, OperationalError) and "does not exist" in str(error)
    if not is_unknown and not isinstance(error.__cause__, missing):
        return False
    return is_unknown or any(_unapplied(alias) for alias in aliases())


def _unapplied(alias: str) -> bool:
    # Needs the app registry, which is not there yet when the settings import this module.
    from django.db.migrations.executor import MigrationExecutor

    connections[alias].close()
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextlib.contextmanager
def as_owner(alias: str) -> Iterator[None]:
    """Within it the alias's connection runs as the owner of its tables; for migrations."""
    connection = connections[alias]
    options = connection.settings_dict["OPTIONS"]
    runtime = options.get("assume_role")
    connection.close()
    options["assume_role"] = owner_role(alias)
    try:
        yield
    finally:
        connection.close()
        if runtime is None:
            del options["assume_role"]
        else:
            options["assume_role"] = runtime
