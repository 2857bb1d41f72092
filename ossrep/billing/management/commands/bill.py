"""``manage.py bill``: finds the sub-commands and hands over."""

from __future__ import annotations

import importlib
import pkgutil
from argparse import ArgumentParser, Namespace
from typing import Any, Protocol, cast

from django.core.management.base import CommandParser

from ossrep.billing.management import subcommands
from ossrep.infra.commands import OssrepCommand


class Subcommand(Protocol):
    """What a module of ``ossrep.billing.management.subcommands`` offers."""

    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None: ...

    def handle(self, options: Namespace, out: OssrepCommand) -> None: ...


def find_subcommands() -> dict[str, Subcommand]:
    """Sub-command name to its module."""
    names = sorted(module.name for module in pkgutil.iter_modules(subcommands.__path__))
    return {
        name.replace("_", "-"): cast(
            Subcommand, importlib.import_module(f"{subcommands.__name__}.{name}")
        )
        for name in names
    }


class Command(OssrepCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "Bill runs, invoices, the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in find_subcommands().items():
            sub = chosen.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(sub)
            sub.set_defaults(module=module)

    def handle(self, *args: Any, **options: Any) -> None:
        module: Subcommand = options.pop("module")
        module.handle(Namespace(**options), self)
