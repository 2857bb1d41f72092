"""A command whose sub-commands are modules of one package: each a few lines around one use case."""

from __future__ import annotations

import importlib
import pkgutil
from argparse import ArgumentParser, Namespace
from types import ModuleType
from typing import Any, ClassVar, Protocol, cast

from django.core.management.base import CommandParser

from ossrep.infra.commands import OssrepCommand


class Subcommand(Protocol):
    """What a module of the package offers; ``NAME`` where it is not the module's own name."""

    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the sub-command takes."""
        ...

    def handle(self, options: Namespace, out: OssrepCommand) -> None:
        """Does one thing and tells it on ``out``."""
        ...


class SubcommandsCommand(OssrepCommand):
    """Finds the sub-commands of ``package`` and hands over to the chosen one."""

    package: ClassVar[ModuleType]

    @classmethod
    def find_subcommands(cls) -> dict[str, Subcommand]:
        """Sub-command name to its module, by name."""
        modules = [
            importlib.import_module(f"{cls.package.__name__}.{found.name}")
            for found in pkgutil.iter_modules(cls.package.__path__)
        ]
        named = {_name_of(module): cast(Subcommand, module) for module in modules}
        return dict(sorted(named.items()))

    def add_arguments(self, parser: CommandParser) -> None:
        chosen = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in self.find_subcommands().items():
            sub = chosen.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(sub)
            sub.set_defaults(module=module)

    def handle(self, *args: Any, **options: Any) -> None:
        module: Subcommand = options.pop("module")
        module.handle(Namespace(**options), self)


def _name_of(module: ModuleType) -> str:
    own = module.__name__.rpartition(".")[2].replace("_", "-")
    return str(getattr(module, "NAME", own))
