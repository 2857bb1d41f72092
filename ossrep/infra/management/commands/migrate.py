"""``manage.py migrate``: one command for all six schemas."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from ossrep.infra import database

Applied = set[tuple[str, str]]


class Command(DjangoMigrate):
    """Starts and prepares the database, then migrates each alias as its owner role."""

    help = (
        "Prepares the database and migrates every schema (or the one named by --database). "
        "Says what changed in each; -v 2 lists every migration."
    )

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: Any) -> Any:
        chosen = options["database"]
        return {**super().get_check_kwargs(options), "databases": [chosen] if chosen else []}

    def handle(self, *args: Any, **options: Any) -> None:
        database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
        is_brief = options["verbosity"] == 1 and not (
            options["plan"] or options["check_unapplied"] or options["database"]
        )
        for alias in [options["database"]] if options["database"] else database.ALIASES:
            self._bootstrap(alias)
            if options["verbosity"] > 1:
                self.stdout.write(self.style.MIGRATE_HEADING(f"Schema {database.SCHEMAS[alias]}"))
            with database.as_owner(alias):
                before = _applied(alias)
                told = {**options, "database": alias}
                if is_brief:
                    told["verbosity"] = 0
                super().handle(*args, **told)
                if alias in database.CONTEXTS and not options["check_unapplied"]:
                    database.guard_messaging(alias)
                if is_brief:
                    self._summarize(alias, before)

    def _bootstrap(self, alias: str) -> None:
        entry = connections[alias].settings_dict
        if alias == "default" or entry["NAME"] != connections["default"].settings_dict["NAME"]:
            database.bootstrap(entry, dbname=entry["NAME"])

    def _summarize(self, alias: str, before: Applied) -> None:
        after = _applied(alias)
        changes = [f"{app}.{name}" for app, name in sorted(after - before)]
        changes += [f"{app}.{name} undone" for app, name in sorted(before - after)]
        told = f"{len(changes)} applied: {', '.join(changes)}" if changes else "up to date"
        if alias == "default" and len(changes) > 3:
            told = f"{len(changes)} applied"
        self.stdout.write(f"{database.SCHEMAS[alias]:<9} {told}")


def _applied(alias: str) -> Applied:
    """What is recorded of the apps whose tables live on this alias."""
    recorded = MigrationRecorder(connections[alias]).applied_migrations()
    return {key for key in recorded if database.alias_of(key[0]) == alias}
