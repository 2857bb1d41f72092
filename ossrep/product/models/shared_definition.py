"""Time-of-use calendars and holiday lists that plans share by name."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class SharedDefinition(models.Model):
    """One version of a named calendar or holiday list; a change is a new version.

    A plan takes the version in force on its label's date, once, when it is published.
    """

    class Kind(models.TextChoices):
        CALENDAR = "calendar", "time-of-use calendar"
        HOLIDAYS = "holidays", "holiday list"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=60)
    version = models.IntegerField()
    effective_date = models.DateField()
    definition = models.JSONField()
    source_name = models.CharField(max_length=300)
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "shared_definition"
        ordering = ["kind", "name", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "version"], name="product_shared_version"
            ),
            models.UniqueConstraint(
                fields=["kind", "name", "effective_date"], name="product_shared_effective"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["calendar", "holidays"]), name="product_shared_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}, version {self.version}"
