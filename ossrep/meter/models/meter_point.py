"""Meter points: one small number for each ESI ID, so that interval rows stay narrow."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class MeterPoint(models.Model):
    """An ESI ID that has usage; its number stands on every row of it."""

    id = models.AutoField(primary_key=True)
    esi_id = models.CharField("ESI ID", max_length=22, unique=True)
    first_export_date = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "meter_point"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(esi_id__regex=r"^([0-9]{17}|[0-9]{22})$"),
                name="meter_meter_point_esi_id",
            )
        ]

    def __str__(self) -> str:
        return self.esi_id
