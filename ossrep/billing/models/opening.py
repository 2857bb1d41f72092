"""What an account brings from the system it was billed in before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class OpeningAccount(models.Model):
    """The opening of one account; its balance is a transfer whose source this row is."""

    account_id = models.BigIntegerField(unique=True)
    account_number = models.TextField()
    as_of = models.DateField()
    balance_usd = models.DecimalField(max_digits=18, decimal_places=2)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "opening_account"

    def __str__(self) -> str:
        return f"opening of account {self.account_number}"


class OpeningSite(models.Model):
    """One service point of an opened account: billed up to when, with which credit bank.

    ``billed_through`` is the first local date that the old system has not billed; billing goes
    on from it (or from the contract's start, whichever is later).
    """

    opening = models.ForeignKey(OpeningAccount, models.PROTECT, related_name="sites")
    account_id = models.BigIntegerField()
    esi_id = models.TextField()
    billed_through = models.DateField(null=True, blank=True)
    bank_usd = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        db_table = "opening_site"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "esi_id"], name="opening_site_once"),
            models.CheckConstraint(
                condition=Q(bank_usd__gte=0) & Q(bank_usd__lt=10**15), name="opening_site_bank"
            ),
        ]

    def __str__(self) -> str:
        return f"opening of {self.esi_id}"


class OpeningUsage(models.Model):
    """One period that the old system billed: imported Wh, and the peak where it was measured."""

    account_id = models.BigIntegerField()
    esi_id = models.TextField()
    period_start = models.DateField()
    period_end = models.DateField()
    import_wh = models.BigIntegerField()
    peak_w = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "opening_usage"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "esi_id", "period_end"], name="opening_usage_once"
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=models.F("period_start")), name="opening_usage_period"
            ),
        ]

    def __str__(self) -> str:
        return f"opening usage of {self.esi_id} {self.period_start}..{self.period_end}"
