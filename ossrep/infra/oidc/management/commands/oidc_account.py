"""``manage.py oidc_account``: people who sign in at the embedded provider."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from ossrep.infra.oidc import commands_account
from ossrep.infra.subcommands import SubcommandsCommand


class Command(SubcommandsCommand):
    """Finds its sub-commands in ``ossrep.infra.oidc.commands_account``."""

    help = "Opens accounts of the embedded OpenID provider."
    package: ClassVar[ModuleType] = commands_account
