"""Interval days: every revision of a local day's values, as received; rows never change.

The table is partitioned by month and made by SQL (see the migrations); it is written and read
by COPY. Django knows it for the admin and for single days.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Func

from ossrep.infra.feeds.tables import XID
from ossrep.meter.models.intake import Intake
from ossrep.meter.models.meter_point import MeterPoint

DIRECTIONS = [(0, "import"), (1, "export")]
SOURCES = [(1, "SMT CSV"), (2, "LSE"), (3, "interval CSV"), (9, "VEE")]
SOURCE_CODES = {"smt_csv": 1, "lse": 2, "interval_csv": 3, "vee": 9}


class IntervalDay(models.Model):
    """One revision of the values of one ESI ID, direction and local day.

    ``wh`` holds 92, 96 or 100 little-endian int32, the sentinel -2**31 for a missing one;
    ``quality`` one letter for each, or a single letter for all. ``revision`` counts from 1 in
    the order of receipt. ``became_current`` says that this revision counted when it came: the
    one with the highest revision among those counts now. ``register_wh`` is the difference of
    the day's register readings, -1 without readings. ``changed_xid`` is the transaction that
    wrote the row: the feed follows it (``infra.feeds``).
    """

    id = models.BigAutoField(primary_key=True)
    meter_point = models.ForeignKey(
        MeterPoint, models.DO_NOTHING, db_constraint=False, related_name="interval_days"
    )
    date = models.DateField()
    direction = models.SmallIntegerField(choices=DIRECTIONS)
    revision = models.SmallIntegerField()
    became_current = models.BooleanField()
    source = models.SmallIntegerField(choices=SOURCES)
    source_time = models.DateTimeField()
    received_at = models.DateTimeField()
    intake = models.ForeignKey(
        Intake, models.DO_NOTHING, db_constraint=False, related_name="interval_days"
    )
    line = models.BigIntegerField()
    missing_intervals = models.SmallIntegerField()
    estimated_intervals = models.SmallIntegerField()
    total_wh = models.BigIntegerField()
    peak_wh = models.IntegerField()
    register_wh = models.BigIntegerField(db_default=-1)
    vee_ruleset_id = models.IntegerField()
    vee_failed = models.IntegerField()
    digest = models.UUIDField()
    wh = models.BinaryField()
    quality = models.BinaryField()
    changed_xid = models.BigIntegerField(db_default=Func(template=XID), editable=False)

    class Meta:
        db_table = "interval_day"
        ordering = ["-date"]
        indexes = [models.Index(fields=["changed_xid", "id"], name="meter_interval_day_feed")]

    def __str__(self) -> str:
        return f"{self.date} revision {self.revision}"
