"""``manage.py customer``: the customer book and the life of contracts."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.customer.management import subcommands
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "Customers, accounts, premises and contracts."
    package: ClassVar[ModuleType] = subcommands
