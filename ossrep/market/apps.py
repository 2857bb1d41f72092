"""App configuration of ``market``."""

from __future__ import annotations

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Context ``market``: who delivers."""

    name = "ossrep.market"
    label = "market"
    verbose_name = "Market"
