"""Money that arrived, and rows of files that could not be taken."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Payment(models.Model):
    """One payment of an account: immutable. ``reference`` is the bank's and comes once.

    Its transfer has this row as its source. Which bills it pays is never stored: it follows from
    the order of charges and payments, the oldest balance first.
    """

    account_id = models.BigIntegerField()
    account_number = models.TextField()
    reference = models.TextField()
    received_date = models.DateField()
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    file_name = models.TextField(blank=True)
    line = models.IntegerField(default=0)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "payment"
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="payment_reference_once"),
            models.CheckConstraint(
                condition=Q(amount_usd__gt=0) & Q(amount_usd__lt=10**15),
                name="payment_amount_positive",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="payment_reference_given"),
        ]
        indexes = [models.Index(fields=["account_id", "id"], name="payment_account")]

    def __str__(self) -> str:
        return f"{self.amount_usd} of account {self.account_number}, {self.reference}"


class RefusedKind(models.TextChoices):
    """What kind of file a refused row stood in."""

    PAYMENT = "payment", "payment"
    OPENING = "opening", "opening"


class RefusedRow(models.Model):
    """A row as it came that could not be taken, kept until a person or a retry settles it.

    The same row of the same file is kept once, however often the file is imported.
    """

    kind = models.TextField(choices=RefusedKind.choices)
    file_name = models.TextField()
    line = models.IntegerField()
    content = models.JSONField()
    content_sha256 = models.TextField()
    reason_code = models.TextField()
    message = models.TextField()
    refused_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settlement = models.TextField(blank=True, default="")

    class Meta:
        db_table = "refused_row"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "file_name", "line", "content_sha256"], name="refused_row_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "id"], name="refused_row_open", condition=Q(settled_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}:{self.line}: {self.reason_code}"
