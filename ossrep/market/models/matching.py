"""Usage and invoices of the wires companies as received, and what of them counts.

Documents are facts and never change. A period's row is derived from them and replaced whenever
one comes (``domain.matching``).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from ossrep.market.domain.matching import PeriodState


class UsageDocument(models.Model):
    """An 867_03. ``purpose`` is ``original``, ``cancel``, ``replace``, else the code as sent.

    ``start_date`` and ``end_date`` bound the period ``[start, end)``, in local dates. ``refusal``
    is the code of its 824, where it was refused.
    """

    inbound_set_id = models.BigIntegerField(unique=True)
    tdsp_code = models.CharField("TDSP", max_length=20)
    esi_id = models.CharField("ESI ID", max_length=64)
    reference = models.CharField(max_length=60)
    purpose = models.CharField(max_length=10)
    original_reference = models.CharField(max_length=60, default="")
    order_reference = models.CharField(max_length=60, default="")
    document_date = models.DateField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    import_kwh = models.DecimalField("import kWh", max_digits=18, decimal_places=6, null=True)
    export_kwh = models.DecimalField("export kWh", max_digits=18, decimal_places=6, null=True)
    peak_kw = models.DecimalField("peak kW", max_digits=18, decimal_places=6, null=True)
    demands = models.JSONField(default=dict)
    is_estimated = models.BooleanField()
    is_final = models.BooleanField()
    refusal = models.CharField(max_length=10, default="")
    received_at = models.DateTimeField()

    class Meta:
        db_table = "usage_document"
        ordering = ["-id"]
        indexes = [models.Index(fields=["esi_id", "id"], name="market_usage_document_esi")]
        constraints = [
            models.UniqueConstraint(
                fields=["tdsp_code", "reference"],
                condition=Q(refusal=""),
                name="market_usage_document_once",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class InvoiceDocument(models.Model):
    """An 810_02. ``lines`` are its charges as sent: see ``usecases.matching.documents``.

    ``usage_reference`` is BIG05; a ``is_standalone`` one has no usage. ``total_usd`` is as sent.
    """

    inbound_set_id = models.BigIntegerField(unique=True)
    tdsp_code = models.CharField("TDSP", max_length=20)
    esi_id = models.CharField("ESI ID", max_length=64)
    reference = models.CharField(max_length=60)
    purpose = models.CharField(max_length=10)
    original_reference = models.CharField(max_length=60, default="")
    usage_reference = models.CharField(max_length=60, default="")
    type = models.CharField(max_length=4)
    is_standalone = models.BooleanField()
    is_final = models.BooleanField()
    document_date = models.DateField()
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    rate_class = models.CharField(max_length=30, default="")
    total_usd = models.DecimalField("total (USD)", max_digits=18, decimal_places=2)
    lines = models.JSONField()
    refusal = models.CharField(max_length=10, default="")
    received_at = models.DateTimeField()

    class Meta:
        db_table = "invoice_document"
        ordering = ["-id"]
        indexes = [models.Index(fields=["esi_id", "id"], name="market_invoice_document_esi")]
        constraints = [
            models.UniqueConstraint(
                fields=["tdsp_code", "reference"],
                condition=Q(refusal=""),
                name="market_invoice_document_once",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class UnmappedCharge(models.Model):
    """That an invoice has charges whose code no list knew when it came; a fact."""

    invoice = models.ForeignKey(InvoiceDocument, on_delete=models.PROTECT, related_name="+")
    tdsp_code = models.CharField("TDSP", max_length=20)
    code = models.CharField(max_length=80)
    amount_usd = models.DecimalField("amount (USD)", max_digits=18, decimal_places=2)

    class Meta:
        db_table = "unmapped_charge"
        ordering = ["-id"]
        indexes = [models.Index(fields=["tdsp_code", "code"], name="market_unmapped_charge_code")]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "code"], name="market_unmapped_charge_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.tdsp_code}"


class StandaloneCharges(models.Model):
    """Charges of an invoice without usage, and the service period with which billing gets them.

    That is the first period of the service point that is matched after they came; none yet where
    ``period`` is null. ``negates`` is set for the cancel of charges that were given already.
    """

    invoice = models.OneToOneField(
        InvoiceDocument, on_delete=models.PROTECT, primary_key=True, related_name="standalone"
    )
    negates = models.ForeignKey(
        InvoiceDocument, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    esi_id = models.CharField("ESI ID", max_length=64)
    tdsp_code = models.CharField("TDSP", max_length=20)
    period = models.ForeignKey(
        "MatchedPeriod", on_delete=models.PROTECT, null=True, related_name="standalone"
    )
    assigned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "standalone_charges"
        verbose_name_plural = "standalone charges"
        indexes = [
            models.Index(
                fields=["esi_id"],
                condition=Q(period__isnull=True),
                name="market_standalone_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"standalone charges of {self.esi_id}"


class MatchedPeriod(models.Model):
    """What counts of a service period ``[start_date, end_date)`` of an ESI ID."""

    tdsp_code = models.CharField("TDSP", max_length=20)
    esi_id = models.CharField("ESI ID", max_length=64)
    start_date = models.DateField()
    end_date = models.DateField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in PeriodState])
    reason = models.TextField(default="")
    usage = models.ForeignKey(
        UsageDocument, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    invoice = models.ForeignKey(
        InvoiceDocument, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "matched_period"
        ordering = ["-start_date", "esi_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["esi_id", "tdsp_code", "start_date", "end_date"],
                name="market_matched_period_once",
            ),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")), name="market_matched_period_dates"
            ),
            models.CheckConstraint(
                condition=~Q(state="matched") | (Q(usage__isnull=False) & Q(invoice__isnull=False)),
                name="market_matched_period_both",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "changed_at"],
                condition=~Q(state="matched"),
                name="market_matched_period_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.esi_id} {self.start_date}..{self.end_date}"
