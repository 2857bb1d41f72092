"""App configuration of ``demo``."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Context ``demo``: files a retailer would really get."""

    name = "ossrep.demo"
    label = "demo"
