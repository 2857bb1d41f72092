"""``manage.py migrate``: one command for all six schemas."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from ossrep.infra import database


class Command(DjangoMigrate):
    """Starts and prepares the database, then migrates each alias as its owner role."""

    help = "Prepares the database and migrates every schema (or the one named by --database)."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: Any) -> Any:
        chosen = options["database"]
        return {**super().get_check_kwargs(options), "databases": [chosen] if chosen else []}

    def handle(self, *args: Any, **options: Any) -> None:
        database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
        for alias in [options["database"]] if options["database"] else database.ALIASES:
            entry = connections[alias].settings_dict
            if alias == "default" or entry["NAME"] != connections["default"].settings_dict["NAME"]:
                database.bootstrap(entry, dbname=entry["NAME"])
            if options["verbosity"] > 0 and not options["database"]:
                self.stdout.write(self.style.MIGRATE_HEADING(f"Schema {database.SCHEMAS[alias]}"))
            with database.as_owner(alias):
                super().handle(*args, **{**options, "database": alias})
