"""``manage.py oidc_client``: who may ask the embedded provider for tokens."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.infra.oidc import commands_client
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Finds its sub-commands in ``ossrep.infra.oidc.commands_client``."""

    help = "Registers, lists and removes clients of the embedded OpenID provider."
    package: ClassVar[ModuleType] = commands_client
