"""``manage.py oidc_key``: what the embedded provider signs with."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.infra.oidc import commands_key
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Finds its sub-commands in ``ossrep.infra.oidc.commands_key``."""

    help = "Lists and rotates the signing keys of the embedded OpenID provider."
    package: ClassVar[ModuleType] = commands_key
