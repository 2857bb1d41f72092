"""What we pay the wires companies: payments, and which invoices each covers.

Lines are facts. A payment's total is that of its lines, and the one who approves it is not the
one who prepared it: the database checks both.
"""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from ossrep.market.models.matching import InvoiceDocument

PAYABLE_PURPOSES = ("original", "cancel", "replace")


class PaymentState(models.TextChoices):
    """A payment above the limit waits for a second person, who sends it or sends it back."""

    PREPARED = "prepared", "waits for approval"
    SENT = "sent", "advice sent"
    WITHDRAWN = "withdrawn", "withdrawn before it was sent"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"db_table": "tdsp_payment_event"}
)
class TdspPayment(models.Model):
    """One payment with its one 820_02; ``reference`` is the trace number (TRN02).

    A negative ``total_usd`` is a negative advice: no money moves.
    """

    tdsp_code = models.CharField("TDSP", max_length=20)
    reference = models.CharField(max_length=30, unique=True)
    payment_date = models.DateField()
    method = models.CharField(max_length=3)
    total_usd = models.DecimalField("total (USD)", max_digits=18, decimal_places=2)
    needs_approval = models.BooleanField()
    state = models.CharField(
        max_length=10, choices=PaymentState.choices, default=PaymentState.PREPARED
    )
    prepared_by = models.CharField(max_length=150)
    prepared_at = models.DateTimeField()
    approved_by = models.CharField(max_length=150, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField(max_length=500, blank=True, default="")
    outbound_message_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "tdsp_payment"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(prepared_by="") & ~Q(approved_by=F("prepared_by")),
                name="market_payment_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", outbound_message_id__isnull=True)
                | (
                    Q(state="withdrawn", outbound_message_id__isnull=True)
                    & ~Q(withdrawn_by="")
                    & ~Q(withdrawal_reason="")
                )
                | (
                    Q(state="sent", outbound_message_id__isnull=False)
                    & (Q(needs_approval=False) | ~Q(approved_by=""))
                ),
                name="market_payment_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class TdspPaymentLine(models.Model):
    """What is paid of one invoice; negative for a cancel.

    ``invoice_amount_usd`` is what was open of it. ``short_reason`` says why less is paid: the
    rest is disputed. Lines of a withdrawn payment pay nothing.
    """

    payment = models.ForeignKey(TdspPayment, on_delete=models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(
        InvoiceDocument, on_delete=models.PROTECT, related_name="payment_lines"
    )
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    invoice_amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    short_reason = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        db_table = "tdsp_payment_line"
        ordering = ["payment", "id"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="market_payment_line_once"),
            models.CheckConstraint(
                condition=Q(amount_usd=F("invoice_amount_usd")) | ~Q(short_reason=""),
                name="market_payment_line_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_usd}"


class OpenInvoice(models.Model):
    """An invoice of which something may still be owed; the row goes when it is paid in full.

    What is owed is looked for here: paid invoices are kept for ever and grow without end.
    """

    invoice = models.OneToOneField(
        InvoiceDocument, on_delete=models.PROTECT, primary_key=True, related_name="open"
    )

    class Meta:
        db_table = "open_invoice"

    def __str__(self) -> str:
        return f"invoice {self.invoice_id}"
