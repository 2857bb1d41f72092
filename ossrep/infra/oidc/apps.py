"""App configurations: the provider's own tables, and those of the library below it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from oidc_provider.apps import OIDCProviderConfig


class LibraryConfig(OIDCProviderConfig):
    """django-oidc-provider's clients; its tables of codes, tokens and keys stay empty."""

    default_auto_field = "django.db.models.AutoField"
    verbose_name = _("Sign-in")


class OidcConfig(AppConfig):
    """Keys, sign-ins and what was issued for them."""

    name = "ossrep.infra.oidc"
    label = "oidc"
    verbose_name = "Sign-in"

    def ready(self) -> None:
        """Listens for sign-ins, sign-outs and disabled users."""
        from ossrep.infra.oidc import signals

        signals.connect()
