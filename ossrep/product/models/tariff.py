"""What the TDSPs charge for delivery: dated rows."""

from __future__ import annotations

import pghistory
from django.db import models

UNITS = [("month", "month"), ("day", "day"), ("kwh", "kWh"), ("kw", "kW")]
PRORATIONS = [
    ("none", "whole"),
    ("days_over_30_capped", "days / 30, at most whole"),
    ("days_over_30", "days / 30"),
    ("calendar_month", "by calendar month"),
]
CONFIDENCES = [
    ("tariff", "from the TDSP's tariff"),
    ("quoted", "tariff or invoice as quoted by another document"),
    ("third_party", "table of a broker or comparison site"),
    ("unverified", "read without a source to show"),
    ("carried_forward", "last known figure, no later one found"),
]


class TariffSeries(models.Model):
    """One charge of a TDSP's rate class through time."""

    tdsp_code = models.CharField("TDSP", max_length=20)
    rate_class = models.CharField(max_length=40)
    charge_code = models.CharField(max_length=20)

    class Meta:
        db_table = "tariff_series"
        verbose_name_plural = "tariff series"
        ordering = ["tdsp_code", "rate_class", "charge_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["tdsp_code", "rate_class", "charge_code"], name="product_tariff_series_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tdsp_code} {self.rate_class} {self.charge_code}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "tariff_row_event"},
)
class TariffRow(models.Model):
    """A rate in force on local dates ``[from_date, to_date)``.

    The database refuses two rows of one series that share a day
    (constraint ``tariff_row_no_overlap``).
    """

    series = models.ForeignKey(TariffSeries, on_delete=models.PROTECT, related_name="rows")
    label = models.CharField(max_length=120)
    unit = models.CharField(max_length=10, choices=UNITS)
    rate_usd = models.DecimalField(max_digits=18, decimal_places=8)
    from_date = models.DateField()
    to_date = models.DateField(null=True)
    proration = models.CharField(max_length=20, choices=PRORATIONS, default="none")
    ratchet_percent = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    round_kw_decimals = models.SmallIntegerField(null=True)
    taxes = models.JSONField(null=True)
    position = models.SmallIntegerField(default=0)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=20, choices=CONFIDENCES)

    class Meta:
        db_table = "tariff_row"
        ordering = ["series__tdsp_code", "series__rate_class", "position", "from_date"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_date__isnull=True)
                | models.Q(to_date__gt=models.F("from_date")),
                name="product_tariff_row_period",
            ),
            models.CheckConstraint(
                condition=models.Q(unit__in=[u for u, _ in UNITS]), name="product_tariff_row_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(proration__in=[p for p, _ in PRORATIONS]),
                name="product_tariff_row_proration",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__in=[c for c, _ in CONFIDENCES]),
                name="product_tariff_row_confidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} from {self.from_date}"
