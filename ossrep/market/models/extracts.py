"""ERCOT's ESI ID extracts as they were taken, and the documents that its list offered."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ExtractState(models.TextChoices):
    """How far an extract has come."""

    LOADING = "loading", "being taken"
    DONE = "done", "taken"
    SUPERSEDED = "superseded", "newer one taken before"
    BROKEN = "broken", "taken in part"


class EsiIdExtract(models.Model):
    """One file of ERCOT's report 203: what it was, and what became of its rows.

    Rows hold from ``effective_at`` on. ``lines_done`` lines are applied: an import that was
    killed goes on behind them. The counts are of rows: ``same`` ones told nothing newer and were
    not written, ``repeated`` ones have an ESI ID that comes again further down.
    """

    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    document_id = models.CharField("document ID", max_length=40, blank=True, default="")
    territory = models.CharField(max_length=40)
    tdsp_code = models.CharField("TDSP", max_length=20)
    kind = models.CharField(max_length=5, choices=[("FUL", "full"), ("DAILY", "changes of a day")])
    report_date = models.DateField()
    effective_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ExtractState, default=ExtractState.LOADING)
    lines_done = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    remark = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "esi_id_extract"
        verbose_name = "ESI ID extract"
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(
                fields=["tdsp_code", "kind", "-effective_at"], name="market_extract_newest"
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ExtractDocument(models.Model):
    """A document that ERCOT's list offered; ``fetched_at`` when its file was whole on disk."""

    document_id = models.CharField("document ID", max_length=40, unique=True)
    file_name = models.CharField(max_length=300)
    published_at = models.DateTimeField(null=True)
    content_bytes = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(db_default=Now(), editable=False)
    fetched_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "extract_document"
        ordering = ["-published_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name
