"""App configuration of ``billing``."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Context ``billing``: what is owed."""

    name = "ossrep.billing"
    label = "billing"
    verbose_name = "Billing"
