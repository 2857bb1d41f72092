"""Imports of customer books and the rows they refused."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.models.fields import one_of, text

ROW_STATES = ("open", "imported", "superseded", "discarded")


class ImportRun(models.Model):
    """One call of the import: what it read and what came of it."""

    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    sources = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "import_run"

    def __str__(self) -> str:
        return f"import {self.pk}"


class QuarantinedRow(models.Model):
    """A row of a book that could not be taken, kept whole until an operator decides.

    ``record`` holds its cells by column, null where the line could not be read at all.
    """

    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="quarantined_rows")
    kind = models.CharField(max_length=12)
    number = text(100)
    file = models.CharField(max_length=300)
    line = models.BigIntegerField()
    reason_code = models.CharField(max_length=40)
    reason = models.TextField()
    raw = models.TextField()
    record = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(s, s) for s in ROW_STATES], default="open")
    attempts = models.IntegerField(db_default=1)
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)
    decision = text(200)

    class Meta:
        db_table = "quarantined_row"
        constraints = [
            one_of("state", ROW_STATES, "cust_quarantine_state"),
            # The same row imported again is the same case.
            models.UniqueConstraint(
                fields=["kind", "fingerprint"],
                condition=Q(state="open"),
                name="cust_quarantine_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "number"],
                condition=Q(state="open"),
                name="cust_quarantine_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"
