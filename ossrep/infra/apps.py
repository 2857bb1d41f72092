"""App configuration of the shared infrastructure."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class InfraConfig(AppConfig):
    """Commands and shared tables' base classes; groups and audit live on ``default``."""

    name = "ossrep.infra"
    label = "infra"
    verbose_name = "Messages"

    def ready(self) -> None:
        """Registers the checks of split processes and of the staff sign-in."""
        from ossrep.infra import checks  # noqa: F401
        from ossrep.infra.staff.checks import staff_issuer_is_known

        register(staff_issuer_is_known)
