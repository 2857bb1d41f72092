"""Issues in ERCOT's MarkeTrak, kept here because people work them there by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class MarketrakIssue(models.Model):
    """One issue: its subtype, whom it is with, and until when its answer is owed.

    ``number`` is MarkeTrak's own, empty until somebody has entered it there; ``side`` is what we
    are in it (gaining, losing, record); ``is_ours`` whether we opened it.
    """

    number = models.CharField(max_length=30, blank=True, default="")
    subtype = models.CharField(max_length=40)
    esi_id = models.CharField("ESI ID", max_length=36, blank=True, default="")
    tdsp_code = models.CharField("TDSP", max_length=20, blank=True, default="")
    side = models.CharField(
        max_length=10, choices=[(s, s) for s in ("gaining", "losing", "record")]
    )
    is_ours = models.BooleanField(default=True)
    state = models.CharField(max_length=10)
    due_at = models.DateTimeField(null=True)
    order_id = models.BigIntegerField(null=True)
    work_item_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketrak_issue"
        verbose_name = "MarkeTrak issue"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="market_marketrak_number"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (Q(state__in=["with_them", "with_us", "escalated"]) & Q(closed_at__isnull=True)),
                name="market_marketrak_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["esi_id"], name="market_marketrak_esi"),
            models.Index(
                fields=["due_at", "id"],
                condition=~Q(state="closed"),
                name="market_marketrak_open",
            ),
        ]

    def __str__(self) -> str:
        return f"MarkeTrak {self.number or f'(ours {self.pk})'}"


class MarketrakEntry(models.Model):
    """What was said or handed in about an issue, and what state it led to; never changed.

    ``links`` are places of evidence: documents, files, pages.
    """

    issue = models.ForeignKey(MarketrakIssue, models.PROTECT, related_name="entries")
    trigger = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    text = models.TextField(blank=True, default="")
    links = models.JSONField(default=list)
    written_by = models.CharField(max_length=150, blank=True, default="")
    written_at = models.DateTimeField()

    class Meta:
        db_table = "marketrak_entry"
        verbose_name_plural = "MarkeTrak entries"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.trigger}: {self.text[:60]}"
