"""App configuration of ``meter``."""

from __future__ import annotations

from django.apps import AppConfig


class MeterConfig(AppConfig):
    """Context ``meter``: what is used."""

    name = "ossrep.meter"
    label = "meter"
    verbose_name = "Meter data"
