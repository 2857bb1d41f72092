"""What people decide: work items of bills that were held, holds on accounts, guard thresholds."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class WorkItemStatus(models.TextChoices):
    """Open until a person released or dismissed it, or a later bill settled it."""

    OPEN = "open", "open"
    RELEASED = "released", "released: bill it as it is"
    RESOLVED = "resolved", "resolved by a later bill"
    DISMISSED = "dismissed", "dismissed"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class WorkItem(models.Model):
    """A bill that was held: which account and window, why, and how much money waits."""

    run = models.ForeignKey("billing.BillRun", models.PROTECT, null=True, blank=True)
    item_id = models.BigIntegerField(null=True, blank=True)
    account_id = models.BigIntegerField()
    account_number = models.TextField(blank=True)
    contract_id = models.BigIntegerField(null=True, blank=True)
    esi_id = models.TextField(blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    reason_code = models.TextField()
    message = models.TextField()
    details = models.JSONField(default=dict)
    money_at_risk_usd = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    status = models.TextField(choices=WorkItemStatus.choices, default=WorkItemStatus.OPEN)
    note = models.TextField(blank=True, default="")
    decided_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "work_item"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "period_start", "period_end", "reason_code", "esi_id"],
                condition=Q(status="open"),
                name="work_item_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["status", "reason_code"], name="work_item_queue"),
            models.Index(fields=["account_id"], name="work_item_account"),
        ]

    def __str__(self) -> str:
        return f"{self.reason_code}: account {self.account_number or self.account_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class AccountHold(models.Model):
    """A person's order not to bill an account until it is lifted."""

    account_id = models.BigIntegerField()
    account_number = models.TextField()
    reason = models.TextField()
    placed_by = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.TextField(blank=True, default="")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "account_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"],
                condition=Q(lifted_at__isnull=True),
                name="account_hold_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"hold on account {self.account_number}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class GuardThreshold(models.Model):
    """A limit that a bill is checked against, for one customer class (``*``: all others)."""

    code = models.TextField()
    customer_class = models.TextField(default="*")
    value = models.DecimalField(max_digits=18, decimal_places=4)
    unit = models.TextField()
    is_enabled = models.BooleanField(default=True)
    meaning = models.TextField()

    class Meta:
        db_table = "guard_threshold"
        constraints = [
            models.UniqueConstraint(fields=["code", "customer_class"], name="guard_threshold_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.customer_class}): {self.value} {self.unit}"
