"""App configuration of ``product``."""

from __future__ import annotations

from django.apps import AppConfig


class ProductConfig(AppConfig):
    """Context ``product``: what is sold."""

    name = "ossrep.product"
    label = "product"
    verbose_name = "Plans and prices"
