"""``manage.py bill``: bill runs, invoices, the ledger."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.billing.management import subcommands
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "Bill runs, invoices, the ledger."
    package: ClassVar[ModuleType] = subcommands
