"""The registry of service points: what the market last said of each, and every such word."""

from __future__ import annotations

from django.db import models


class ServicePoint(models.Model):
    """One ESI ID. A field that nobody has told of is empty (a flag: None).

    ``told`` names for each field the change that it comes from: its instant, source and
    reference. ``has_special_needs`` is the critical-care flag, ``special_needs_status`` its kind.
    """

    esi_id = models.CharField("ESI ID", max_length=36, unique=True)
    tdsp_code = models.CharField("TDSP", max_length=20, blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    premise_type = models.CharField(max_length=20, blank=True, default="")
    read_cycle = models.CharField(max_length=4, blank=True, default="")
    load_profile = models.CharField(max_length=60, blank=True, default="")
    rate_class = models.CharField(max_length=30, blank=True, default="")
    rate_subclass = models.CharField(max_length=30, blank=True, default="")
    station = models.CharField(max_length=30, blank=True, default="")
    loss_factor = models.CharField(max_length=10, blank=True, default="")
    ams_indicator = models.CharField("AMS indicator", max_length=10, blank=True, default="")
    meter_numbers = models.JSONField(default=list)
    county = models.CharField(max_length=60, blank=True, default="")
    has_switch_hold = models.BooleanField(null=True)
    has_special_needs = models.BooleanField(null=True)
    special_needs_status = models.CharField(max_length=10, blank=True, default="")
    told = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "service_point"
        ordering = ["esi_id"]
        indexes = [
            models.Index(fields=["tdsp_code", "read_cycle"], name="market_service_point_cycle")
        ]

    def __str__(self) -> str:
        return self.esi_id


class ServicePointChange(models.Model):
    """One word of a source about a service point; never changed.

    ``source`` is ``814_20``, ``814_05``, ``650_02``, ``hold-list`` and the like, ``reference``
    its number there; together they are told once for each service point.
    """

    service_point = models.ForeignKey(ServicePoint, models.PROTECT, related_name="changes")
    source = models.CharField(max_length=30)
    reference = models.CharField(max_length=120)
    effective_at = models.DateTimeField()
    values = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    inbound_set_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "service_point_change"
        ordering = ["service_point", "-effective_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service_point", "source", "reference"],
                name="market_point_change_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.reference}"


class Moratorium(models.Model):
    """Days on which no service is cut for debt in an area: extreme weather (RMG 7.6.5.4).

    ``county`` empty: the whole territory of the TDSP; both ends are included.
    """

    tdsp_code = models.CharField("TDSP", max_length=20, blank=True, default="")
    county = models.CharField(max_length=60, blank=True, default="")
    first_date = models.DateField()
    last_date = models.DateField()
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "moratorium"
        verbose_name_plural = "moratoria"
        ordering = ["-first_date", "tdsp_code", "county"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_date__gte=models.F("first_date")),
                name="market_moratorium_dates",
            ),
            models.CheckConstraint(
                condition=~models.Q(tdsp_code="", county=""), name="market_moratorium_area"
            ),
        ]

    def __str__(self) -> str:
        area = self.county or self.tdsp_code
        return f"{area} {self.first_date} to {self.last_date}"
