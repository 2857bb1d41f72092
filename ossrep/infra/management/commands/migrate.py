"""``manage.py migrate``: one command for all six schemas."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import module_has_submodule

from ossrep.infra import database, roles

MIGRATIONS_NAMED_MAX = 4


class Command(DjangoMigrate):
    """Starts and prepares the database, then migrates each schema as its owner role.

    Each schema gets and records its own apps' migrations only. With an app label it is Django's
    own command, on the alias where that app lives.
    """

    help = (
        "Prepares the database and migrates every schema (or the one named by --database, or one "
        "app). Says what changed in each; -v 2 lists every migration."
    )

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: Any) -> Any:
        chosen = options["database"]
        return {**super().get_check_kwargs(options), "databases": [chosen] if chosen else []}

    def handle(self, *args: Any, **options: Any) -> None:
        database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
        if options["app_label"]:
            alias = options["database"] or database.alias_of(options["app_label"])
            self._prepare(alias)
            with database.as_owner(alias):
                super().handle(*args, **{**options, "database": alias})
                self._finish(alias)
            return
        if options["fake"] or options["fake_initial"] or options["run_syncdb"] or options["prune"]:
            raise CommandError("This option needs the label of one app.")
        self.verbosity = options["verbosity"]
        self.interactive = options["interactive"]
        for app in apps.get_app_configs():
            if module_has_submodule(app.module, "management"):
                import_module(".management", app.name)
        unapplied = [
            self._migrate(alias, options)
            for alias in ([options["database"]] if options["database"] else database.aliases())
        ]
        if options["check_unapplied"] and any(unapplied):
            sys.exit(1)

    def _migrate(self, alias: str, options: dict[str, Any]) -> int:
        """Brings one schema to the newest state, or only says what would be done; the count."""
        self._prepare(alias)
        with database.as_owner(alias):
            connection = connections[alias]
            # The stubs know less of the callback than the executor passes.
            progress: Any = self.migration_progress_callback if self.verbosity > 1 else None
            executor = MigrationExecutor(connection, progress)
            executor.loader.check_consistent_history(connection)
            conflicts = executor.loader.detect_conflicts()
            if conflicts:
                raise CommandError(f"Conflicting migrations; makemigrations --merge: {conflicts}")
            leaves = executor.loader.graph.leaf_nodes()
            targets = [leaf for leaf in leaves if database.alias_of(leaf[0]) == alias]
            plan = executor.migration_plan(targets)
            names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
            if options["plan"] or options["check_unapplied"]:
                self._tell(alias, names, "to apply")
                return len(plan)
            told = {"stdout": self.stdout, "apps": apps, "plan": plan}
            quiet = max(0, self.verbosity - 1)
            emit_pre_migrate_signal(quiet, self.interactive, alias, **told)
            executor.migrate(targets, plan)
            emit_post_migrate_signal(quiet, self.interactive, alias, **told)
            self._finish(alias)
        self._tell(alias, names, "applied")
        return len(plan)

    def _prepare(self, alias: str) -> None:
        entry = connections[alias].settings_dict
        if alias == "default" or entry["NAME"] != connections["default"].settings_dict["NAME"]:
            try:
                database.bootstrap(entry, dbname=entry["NAME"], logins=_own_logins(alias))
            except database.DatabaseNotReady as error:
                raise CommandError(f"{error.where}: {error.message}") from error

    def _finish(self, alias: str) -> None:
        if alias in database.installed():
            database.guard_records(alias)
        elif alias == "default":
            # The roles' permissions exist only now, after the signals of the migration.
            roles.grant()

    def _tell(self, alias: str, names: list[str], what: str) -> None:
        if self.verbosity < 1:
            return
        told = f"{len(names)} {what}" if names else "up to date"
        if 0 < len(names) <= MIGRATIONS_NAMED_MAX:
            told += f": {', '.join(names)}"
        self.stdout.write(f"{database.SCHEMAS[alias]:<9} {told}")


def _own_logins(alias: str) -> dict[str, str]:
    """Logins of contexts on the same server that are neither its login nor the runtime role."""
    server = connections[alias].settings_dict
    entries = {context: connections[context].settings_dict for context in database.installed()}
    return {
        context: entry["USER"]
        for context, entry in entries.items()
        if (entry["HOST"], entry["PORT"]) == (server["HOST"], server["PORT"])
        and entry["USER"] not in (server["USER"], context)
    }
