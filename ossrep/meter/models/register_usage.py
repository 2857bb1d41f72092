"""Monthly register usage, as the market sent it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ossrep.meter.models.meter_point import MeterPoint


class RegisterUsage(models.Model):
    """Usage of one meter point over local dates ``[start_date, end_date)``; rows never change.

    A later received one counts in place of an earlier one whose dates it overlaps; a cancelled
    one (``CancelledRegister``) does not count.
    """

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="register_usages")
    start_date = models.DateField()
    end_date = models.DateField()
    import_wh = models.BigIntegerField()
    export_wh = models.BigIntegerField()
    peak_w = models.BigIntegerField(null=True)
    is_estimated = models.BooleanField()
    is_final = models.BooleanField()
    source_reference = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "register_usage"
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date__gt=F("start_date")), name="meter_register_period"
            ),
            models.CheckConstraint(
                condition=Q(import_wh__gte=0)
                & Q(export_wh__gte=0)
                & (Q(peak_w__isnull=True) | Q(peak_w__gte=0)),
                name="meter_register_not_negative",
            ),
            models.UniqueConstraint(
                fields=["meter_point", "start_date", "end_date", "source_reference"],
                name="meter_register_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start_date}..{self.end_date}"


class CancelledRegister(models.Model):
    """Usage that the market has cancelled; taken away where the market tells the usage again."""

    register_usage = models.OneToOneField(
        RegisterUsage, models.PROTECT, primary_key=True, related_name="cancellation"
    )
    cancelled_at = models.DateTimeField()

    class Meta:
        db_table = "cancelled_register"

    def __str__(self) -> str:
        return f"{self.register_usage_id} cancelled"
