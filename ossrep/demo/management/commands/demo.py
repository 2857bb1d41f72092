"""``manage.py demo``: an invented retailer, from files to posted invoices."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.demo.management import subcommands
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "A demo: writes the files a retailer would get, imports them, bills."
    package: ClassVar[ModuleType] = subcommands
