"""Charges: the rated usage of one contract for one period, from which later bills take over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ChargeKind(models.IntegerChoices):
    """Kinds that may overlap in time with each other, but never with themselves."""

    USAGE = 1, "usage"


class UsageSource(models.IntegerChoices):
    """Where the billed usage comes from."""

    INTERVALS = 1, "intervals"
    REGISTER = 2, "register"


class DeliverySource(models.IntegerChoices):
    """Where the delivery charges come from."""

    NONE = 0, "none"
    TARIFF = 1, "tariff"
    TDSP_INVOICE = 2, "TDSP's invoice"


class Reversal(models.Model):
    """An invoice no longer counts: who said so, why, and from which day."""

    invoice_id = models.BigIntegerField(unique=True)
    account_id = models.BigIntegerField()
    run = models.ForeignKey("billing.BillRun", models.PROTECT, null=True, blank=True)
    reason = models.TextField()
    requested_by = models.TextField(blank=True)
    effective_date = models.DateField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "reversal"
        indexes = [models.Index(fields=["account_id"], name="reversal_account")]

    def __str__(self) -> str:
        return f"reversal of invoice {self.invoice_id}: {self.reason}"


class Charge(models.Model):
    """Rated usage of one contract for local dates ``[period_start, period_end)``: immutable.

    One exclusion constraint (``charge_never_twice``) keeps two live charges of a contract and kind
    from sharing a day. Only the database's own ``reverse_charges`` sets ``reversal_id``.
    Energy in Wh, peak in W (-1 where demand was not measured), the bank in dollars with
    ``in + earned = applied + used + out + lost``. ``daily_import_wh`` and ``daily_export_wh`` hold
    the Wh of each day as little-endian int64, empty where no intervals are known;
    ``usage_digest`` is the first 8 bytes of the SHA-256 of the intervals billed (processors do it
    in hardware). ``printed_part`` is the plan and TDSP as printed.
    """

    invoice_id = models.BigIntegerField()
    site_no = models.SmallIntegerField()
    account_id = models.BigIntegerField()
    contract_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=ChargeKind.choices)
    period_start = models.DateField()
    period_end = models.DateField()
    esi_id = models.TextField()
    plan_version_id = models.BigIntegerField()
    usage_source = models.SmallIntegerField(choices=UsageSource.choices)
    delivery_source = models.SmallIntegerField(choices=DeliverySource.choices)
    import_wh = models.BigIntegerField()
    export_wh = models.BigIntegerField()
    peak_w = models.BigIntegerField()
    estimated_intervals = models.IntegerField()
    bank_in_usd = models.DecimalField(max_digits=18, decimal_places=2)
    bank_earned_usd = models.DecimalField(max_digits=18, decimal_places=2)
    bank_applied_usd = models.DecimalField(max_digits=18, decimal_places=2)
    bank_used_usd = models.DecimalField(max_digits=18, decimal_places=2)
    bank_out_usd = models.DecimalField(max_digits=18, decimal_places=2)
    bank_lost_usd = models.DecimalField(max_digits=18, decimal_places=2)
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    printed_part = models.ForeignKey(
        "billing.PrintedPart", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    daily_import_wh = models.BinaryField()
    daily_export_wh = models.BinaryField()
    usage_digest = models.BinaryField()
    reversal = models.ForeignKey(
        Reversal, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False
    )

    class Meta:
        db_table = "charge"
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gt=models.F("period_start")), name="charge_period"
            ),
            models.CheckConstraint(
                condition=Q(
                    bank_in_usd=models.F("bank_applied_usd")
                    + models.F("bank_used_usd")
                    + models.F("bank_out_usd")
                    + models.F("bank_lost_usd")
                    - models.F("bank_earned_usd")
                ),
                name="charge_bank_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["account_id"], name="charge_account"),
            models.Index(fields=["esi_id"], name="charge_esi_id"),
            models.Index(fields=["invoice_id"], name="charge_invoice"),
        ]

    def __str__(self) -> str:
        return f"charge {self.pk}: {self.esi_id} {self.period_start}..{self.period_end}"
