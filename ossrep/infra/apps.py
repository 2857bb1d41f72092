"""App configuration of the shared infrastructure."""

from __future__ import annotations

from django.apps import AppConfig


class InfraConfig(AppConfig):
    """Commands and shared tables' base classes; groups and audit live on ``default``."""

    name = "ossrep.infra"
    label = "infra"
    verbose_name = "Messages"

    def ready(self) -> None:
        """Registers the checks of split processes."""
        from ossrep.infra import checks  # noqa: F401
