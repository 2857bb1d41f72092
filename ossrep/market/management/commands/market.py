"""``manage.py market``: TDSPs and their read calendar."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar

from ossrep.infra.subcommands import SubcommandsCommand
from ossrep.market.management import subcommands


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "The market's reference data: TDSPs and the days on which they read meters."
    package: ClassVar[ModuleType] = subcommands

    def needs_database(self, options: Mapping[str, Any]) -> bool:
        return bool(getattr(options["module"], "NEEDS_DATABASE", True))
