"""What a person has to do or decide, and what was said about it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class WorkItemState(models.TextChoices):
    """Open until a person, or the answer that was missing, settles it."""

    OPEN = "open", "open"
    RESOLVED = "resolved", "resolved"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"db_table": "work_queue_item_event"}
)
class WorkItem(models.Model):
    """One matter for a person: ``kind`` says what for, ``key`` makes it unique within the kind.

    ``text`` tells what is the matter, ``text_to_send`` what to send to the market, and
    ``send_via`` by which way (``MarkeTrak``, ``e-mail``). Links are ids of rows of this context.
    """

    kind = models.TextField()
    key = models.TextField()
    title = models.TextField()
    text = models.TextField()
    send_via = models.TextField(blank=True, default="")
    text_to_send = models.TextField(blank=True, default="")
    esi_id = models.TextField(blank=True, default="")
    tdsp_code = models.TextField(blank=True, default="")
    order_id = models.BigIntegerField(null=True, blank=True)
    inbound_set_id = models.BigIntegerField(null=True, blank=True)
    outbound_message_id = models.BigIntegerField(null=True, blank=True)
    reference = models.TextField(blank=True, default="")
    money_at_risk_usd = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    state = models.TextField(choices=WorkItemState.choices, default=WorkItemState.OPEN)
    assignee = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.TextField(blank=True, default="")
    resolution = models.TextField(blank=True, default="")

    class Meta:
        db_table = "work_queue_item"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="market_work_item_once"),
            models.CheckConstraint(
                condition=Q(state="open", resolved_at__isnull=True)
                | Q(state="resolved", resolved_at__isnull=False),
                name="market_work_item_resolved",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind", "due_at"], name="market_work_item_queue"),
            models.Index(fields=["esi_id"], name="market_work_item_esi"),
            models.Index(fields=["order_id"], name="market_work_item_order"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.kind})"


class WorkItemNote(models.Model):
    """What somebody said or did about a work item; never changed."""

    work_item = models.ForeignKey(WorkItem, models.PROTECT, related_name="notes")
    written_by = models.TextField(blank=True, default="")
    text = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "work_queue_note"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]
