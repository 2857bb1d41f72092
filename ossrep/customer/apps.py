"""App configuration of ``customer``."""

from __future__ import annotations

from django.apps import AppConfig


class CustomerConfig(AppConfig):
    """Context ``customer``: who buys."""

    name = "ossrep.customer"
    label = "customer"
    verbose_name = "Customers"
