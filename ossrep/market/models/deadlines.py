"""Answers that are owed to us, and by when; holidays that differ from the rules."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q


class DeadlineState(models.TextChoices):
    """``open`` until the answer came or nobody waits for it any more."""

    OPEN = "open", "open"
    MET = "met", "answered"
    CANCELLED = "cancelled", "no longer expected"


class Deadline(models.Model):
    """One expected answer: what step of ours waits for it, over which hops it comes, until when.

    ``step`` names the step once and for all (``order:17``); with ``expects`` it is unique.
    ``hops`` are keys of the timing table. ``nearly_at`` is when a person is warned.
    """

    step = models.TextField()
    expects = models.TextField()
    hops = models.JSONField()
    esi_id = models.TextField(blank=True, default="")
    tdsp_code = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    order_id = models.BigIntegerField(null=True, blank=True)
    outbound_message_id = models.BigIntegerField(null=True, blank=True)
    money_at_risk_usd = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    started_at = models.DateTimeField()
    nearly_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.TextField(choices=DeadlineState.choices, default=DeadlineState.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    told_late_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "deadline"
        constraints = [
            models.UniqueConstraint(fields=["step", "expects"], name="market_deadline_once"),
            models.CheckConstraint(
                condition=Q(nearly_at__gte=models.F("started_at"))
                & Q(due_at__gte=models.F("nearly_at")),
                name="market_deadline_order",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="market_deadline_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["nearly_at"], condition=Q(state="open"), name="market_deadline_open"
            ),
            models.Index(fields=["esi_id"], name="market_deadline_esi"),
        ]

    def __str__(self) -> str:
        return f"{self.expects} for {self.step}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "holiday_event"},
)
class Holiday(models.Model):
    """One date on which a calendar (``ERCOT`` or a TDSP's code) differs from its rules."""

    calendar = models.TextField()
    date = models.DateField()
    name = models.TextField()
    is_holiday = models.BooleanField(
        default=True, help_text="off: a business day, although the rules have a holiday"
    )
    source = models.TextField(blank=True, default="")

    class Meta:
        db_table = "holiday"
        ordering = ["-date", "calendar"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="market_holiday_once"),
            models.CheckConstraint(
                condition=Q(calendar__regex=r"^[A-Z0-9][A-Z0-9_]*$"), name="market_holiday_calendar"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.date}: {self.name}"
