"""Market prices: one row for each series and local day."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

MISSING_PRICE = -(2**31)
"""Stands for an interval whose price has not come."""


class PriceDay(models.Model):
    """92, 96 or 100 little-endian int32 of 0.01 $/MWh, or a single one for a daily index.

    ``missing`` counts the intervals without a price. The length of ``prices`` is checked by the
    database (constraint ``price_day_length``).
    """

    series = models.CharField(max_length=80)
    date = models.DateField()
    prices = models.BinaryField()
    missing = models.SmallIntegerField()
    source_name = models.CharField(max_length=300)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "price_day"
        ordering = ["-date", "series"]
        constraints = [
            models.UniqueConstraint(fields=["series", "date"], name="product_price_day_key"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.date}"


class PriceCorrection(models.Model):
    """A price that a later file changed: what stood before, in 0.01 $/MWh."""

    series = models.CharField(max_length=80)
    date = models.DateField()
    interval = models.SmallIntegerField()
    price_before = models.IntegerField()
    price_after = models.IntegerField()
    source_name = models.CharField(max_length=300)
    corrected_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "price_correction"
        ordering = ["-corrected_at", "series", "date", "interval"]
        indexes = [models.Index(fields=["series", "date"], name="product_price_correction_day")]

    def __str__(self) -> str:
        return f"{self.series} {self.date} interval {self.interval}"


class RefusedPriceRow(models.Model):
    """A row of a price file that could not be taken, kept as it came until a person settles it.

    The same row of the same file is kept once, however often the file is imported.
    """

    file_name = models.CharField(max_length=300)
    line = models.IntegerField()
    raw_row = models.TextField()
    raw_sha256 = models.CharField(max_length=64)
    layout = models.CharField(max_length=20)
    reason_code = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    refused_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)
    settlement = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "refused_price_row"
        ordering = ["-refused_at", "file_name", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_name", "line", "raw_sha256"], name="product_refused_price_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}:{self.line}"
