"""Files of the retail market that are no EDI: switch-hold lists, billing contacts, answers."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ossrep.market.models.reference import Tdsp


class SwitchHoldList(models.Model):
    """One daily list of a TDSP, taken once by its content (RMG 9 J1); never changed.

    ``ordinal`` counts the lists of one TDSP and date as they came: the later one holds.
    ``released`` is how many service points lost their hold by not standing in it.
    """

    tdsp = models.ForeignKey(Tdsp, models.PROTECT, related_name="switch_hold_lists")
    list_date = models.DateField()
    ordinal = models.IntegerField()
    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.IntegerField()
    held = models.IntegerField()
    released = models.IntegerField()
    refused = models.IntegerField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "switch_hold_list"
        ordering = ["-list_date", "tdsp__code", "-ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["tdsp", "list_date", "ordinal"], name="market_hold_list_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tdsp} {self.list_date}"


class RefusedFileRow(models.Model):
    """A row of such a file that could not be taken, kept as it came until it is settled.

    ``kind`` says of which file. The same row of the same file is kept once.
    """

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=300)
    line = models.IntegerField()
    raw_row = models.TextField()
    raw_sha256 = models.CharField(max_length=64)
    message = models.CharField(max_length=300)
    refused_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)
    settlement = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "refused_file_row"
        ordering = ["-refused_at", "file_name", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_name", "line", "raw_sha256"],
                name="market_refused_row_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(settled_at__isnull=True),
                name="market_refused_row_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}:{self.line}"


class CbciFile(models.Model):
    """One customer billing contact file as it was written for one DUNS; never changed.

    ``counter`` counts the files of that DUNS in a month: the last one is what counts.
    """

    duns = models.CharField("DUNS", max_length=13)
    month = models.DateField()
    counter = models.IntegerField()
    report_id = models.CharField("report ID", max_length=40)
    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    records = models.IntegerField()
    incomplete = models.IntegerField()
    written_at = models.DateTimeField()

    class Meta:
        db_table = "cbci_file"
        ordering = ["-month", "duns", "-counter"]
        verbose_name = "CBCI file"
        constraints = [
            models.UniqueConstraint(fields=["duns", "month", "counter"], name="market_cbci_count"),
            models.UniqueConstraint(fields=["duns", "report_id"], name="market_cbci_report"),
        ]

    def __str__(self) -> str:
        return self.file_name


class CbciAnswer(models.Model):
    """ERCOT's answer to a billing contact file, taken once by its content; never changed."""

    file = models.ForeignKey(CbciFile, models.PROTECT, related_name="answers", null=True)
    report_name = models.CharField(max_length=80)
    report_id = models.CharField("report ID", max_length=80)
    duns = models.CharField("DUNS", max_length=13)
    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    records = models.IntegerField(null=True)
    good = models.IntegerField(null=True)
    bad = models.IntegerField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "cbci_answer"
        ordering = ["-received_at", "-pk"]
        verbose_name = "CBCI answer"

    def __str__(self) -> str:
        return f"{self.report_name} {self.report_id}"


class CbciError(models.Model):
    """One record of ours that ERCOT found wrong, in the words of the answer; never changed."""

    answer = models.ForeignKey(CbciAnswer, models.PROTECT, related_name="errors")
    tag = models.CharField(max_length=3)
    number = models.IntegerField()
    esi_id = models.CharField("ESI ID", max_length=80, blank=True, default="")
    original_type = models.CharField(max_length=80, blank=True, default="")
    original_number = models.IntegerField(null=True)
    field_name = models.CharField(max_length=200, blank=True, default="")
    error_text = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "cbci_error"
        ordering = ["answer", "number", "pk"]
        verbose_name = "CBCI error"

    def __str__(self) -> str:
        return f"{self.tag} {self.esi_id} {self.field_name}"
