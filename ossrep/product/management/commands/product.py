"""``manage.py product``: plans, labels, tariffs, prices, brands."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.infra.subcommands import SubcommandsCommand
from ossrep.product.management import subcommands


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "Plans, their labels, delivery tariffs, market prices and brands."
    package: ClassVar[ModuleType] = subcommands
