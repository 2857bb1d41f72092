"""When a TDSP reads the meters of each read cycle."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models.functions import Now

from ossrep.market.models.reference import Tdsp


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"db_table": "read_date_event"}
)
class ReadDate(models.Model):
    """The scheduled read of one cycle for one month; ``month`` is the first of that month."""

    tdsp = models.ForeignKey(Tdsp, on_delete=models.PROTECT, related_name="read_dates")
    read_cycle = models.CharField(max_length=4)
    month = models.DateField()
    read_date = models.DateField()

    class Meta:
        db_table = "read_date"
        ordering = ["tdsp__code", "read_cycle", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["tdsp", "read_cycle", "month"], name="market_read_date_month"
            ),
            models.UniqueConstraint(
                fields=["tdsp", "read_cycle", "read_date"],
                name="market_read_date_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="market_read_date_month_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tdsp} cycle {self.read_cycle} {self.month:%Y-%m}"


class RefusedReadRow(models.Model):
    """A row of a read calendar that could not be taken, kept as it came until it is settled.

    The same row of the same file is kept once, however often the file is imported.
    """

    file_name = models.CharField(max_length=300)
    line = models.IntegerField()
    raw_row = models.TextField()
    raw_sha256 = models.CharField(max_length=64)
    message = models.CharField(max_length=300)
    refused_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)
    settlement = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "refused_read_row"
        ordering = ["-refused_at", "file_name", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_name", "line", "raw_sha256"], name="market_refused_read_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(settled_at__isnull=True),
                name="market_refused_read_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}:{self.line}"
