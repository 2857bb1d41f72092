"""``manage.py meter``: interval files, validation, estimation, gaps."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.infra.subcommands import SubcommandsCommand
from ossrep.meter.management import subcommands


class Command(SubcommandsCommand):
    """Runs one sub-command; each is a module of its own."""

    help = "Interval usage: import, validate, estimate, show what is missing."
    package: ClassVar[ModuleType] = subcommands
