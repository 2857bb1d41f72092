"""The registry of service points: what the market last said of each, and every such word."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ServicePoint(models.Model):
    """One ESI ID. A field that nobody has told of is empty (a flag: None).

    ``told`` names for each field the change that it comes from: its instant, source and
    reference; a field that is not in it comes from ERCOT's extract of ``extract_at``. A change
    is told by row for the extract of millions, so that the mark is a column there and not 20
    entries. ``has_special_needs`` is the critical-care flag, ``special_needs_status`` its kind.
    ``house_number``, ``street_start`` and ``street_end`` are what addresses are searched by
    (``domain.addresses``). ``changed_xid`` is the transaction that wrote the row last: the feed
    follows it (``infra.feeds``). A deleted point stays as a mark for that feed.
    """

    esi_id = models.CharField("ESI ID", max_length=36)
    tdsp_code = models.CharField("TDSP", max_length=20, blank=True, default="")
    status = models.CharField(max_length=20, blank=True, default="")
    street = models.CharField(max_length=120, blank=True, default="")
    street_line2 = models.CharField("unit", max_length=120, blank=True, default="")
    city = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=2, blank=True, default="")
    zip_code = models.CharField("ZIP", max_length=10, blank=True, default="")
    county = models.CharField(max_length=60, blank=True, default="")
    premise_type = models.CharField(max_length=40, blank=True, default="")
    power_region = models.CharField(max_length=10, blank=True, default="")
    read_cycle = models.CharField(max_length=4, blank=True, default="")
    load_profile = models.CharField(max_length=60, blank=True, default="")
    rate_class = models.CharField(max_length=30, blank=True, default="")
    rate_subclass = models.CharField(max_length=30, blank=True, default="")
    station = models.CharField(max_length=30, blank=True, default="")
    station_name = models.CharField(max_length=80, blank=True, default="")
    loss_factor = models.CharField(max_length=10, blank=True, default="")
    is_metered = models.BooleanField("metered", null=True)
    ams_indicator = models.CharField("AMS indicator", max_length=10, blank=True, default="")
    has_settlement_ams = models.BooleanField("settled by AMS", null=True)
    meter_numbers = models.JSONField(default=list)
    has_switch_hold = models.BooleanField(null=True)
    has_special_needs = models.BooleanField(null=True)
    special_needs_status = models.CharField(max_length=10, blank=True, default="")
    open_service_orders = models.CharField(max_length=2000, blank=True, default="")
    polr_customer_class = models.CharField(max_length=40, blank=True, default="")
    metered_service_type = models.CharField(max_length=10, blank=True, default="")
    metered_service_type_text = models.CharField(max_length=120, blank=True, default="")
    house_number = models.IntegerField(null=True, editable=False)
    street_start = models.CharField(max_length=4, blank=True, default="", editable=False)
    street_end = models.CharField(max_length=4, blank=True, default="", editable=False)
    told = models.JSONField(default=dict)
    extract_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        db_table = "service_point"
        ordering = ["esi_id"]
        constraints = [
            # Not `unique=True`: that makes a second index for LIKE over millions of rows.
            models.UniqueConstraint(fields=["esi_id"], name="market_service_point_esi_id"),
        ]
        indexes = [
            # One for all ways of searching an address: each further one that is in no order of
            # arrival costs an import of millions half as much again.
            models.Index(
                fields=["house_number", "zip_code", "street_start", "street_end"],
                name="market_point_address",
            ),
            models.Index(fields=["changed_xid", "id"], name="market_point_change"),
            models.Index(
                fields=["id"],
                name="market_point_live",
                condition=models.Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["tdsp_code", "esi_id"],
                name="market_point_held",
                condition=models.Q(has_switch_hold=True),
            ),
        ]

    def __str__(self) -> str:
        return self.esi_id


class ServicePointTally(models.Model):
    """How many live service points of a TDSP a ZIP (five digits) has: the sum of ``delta``.

    Triggers add rows for what a statement changes and fold many into one, so that nobody counts
    millions of rows, and no two writers wait for each other.
    """

    zip_code = models.CharField("ZIP", max_length=5)
    tdsp_code = models.CharField("TDSP", max_length=20)
    delta = models.BigIntegerField()

    class Meta:
        db_table = "service_point_tally"
        indexes = [models.Index(fields=["zip_code", "tdsp_code"], name="market_tally_zip")]

    def __str__(self) -> str:
        return f"{self.tdsp_code} in {self.zip_code}: {self.delta:+}"


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
