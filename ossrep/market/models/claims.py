"""Invoices recomputed from the tariff, and what we claim back."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from ossrep.market.models.matching import InvoiceDocument

AUDIT_VERDICTS = ("agrees", "differs", "not_comparable")


class InvoiceAudit(models.Model):
    """An invoice against the tariff; a fact, done once for each invoice that was matched."""

    invoice = models.OneToOneField(
        InvoiceDocument, on_delete=models.PROTECT, related_name="audit", primary_key=True
    )
    verdict = models.CharField(max_length=16)
    reason = models.TextField(default="")
    rate_class = models.CharField(max_length=60)
    not_in_tariff = models.JSONField(default=list)
    audited_at = models.DateTimeField()

    class Meta:
        db_table = "invoice_audit"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=AUDIT_VERDICTS), name="market_invoice_audit_verdict"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.verdict}"


class ClaimState(models.TextChoices):
    """Open until the TDSP has answered, or we give in."""

    OPEN = "open", "open"
    GRANTED = "granted", "granted"
    WITHDRAWN = "withdrawn", "withdrawn"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"db_table": "tdsp_claim_event"}
)
class TdspClaim(models.Model):
    """What an invoice charges otherwise than the tariff; positive where it is too much.

    ``lines`` are ``{code, billed_usd, expected_usd}``, amounts as text.
    """

    invoice = models.OneToOneField(InvoiceDocument, on_delete=models.PROTECT, related_name="claim")
    tdsp_code = models.CharField("TDSP", max_length=20)
    esi_id = models.CharField("ESI ID", max_length=64)
    difference_usd = models.DecimalField("difference (USD)", max_digits=18, decimal_places=2)
    lines = models.JSONField()
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.OPEN)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True, default="")
    resolution = models.TextField(blank=True, default="")

    class Meta:
        db_table = "tdsp_claim"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | (~Q(state="open") & Q(settled_at__isnull=False) & ~Q(resolution="")),
                name="market_tdsp_claim_settled",
            )
        ]
        indexes = [
            models.Index(fields=["state", "tdsp_code"], name="market_tdsp_claim_state"),
            models.Index(fields=["esi_id"], name="market_tdsp_claim_esi"),
        ]

    def __str__(self) -> str:
        return f"claim of {self.difference_usd} on invoice {self.invoice_id}"
