"""The ledger: accounts, transfers between two of them, and the balances the database keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class LedgerAccountKind(models.TextChoices):
    """What an account of the ledger stands for."""

    RECEIVABLE = "receivable", "receivable of a customer's account"
    ENERGY_REVENUE = "energy_revenue", "energy revenue"
    DELIVERY_REVENUE = "delivery_revenue", "delivery charges passed through"
    TAX_PAYABLE = "tax_payable", "tax and assessment payable"
    CASH = "cash", "cash received"
    OPENING = "opening", "opening balances"


class TransferKind(models.IntegerChoices):
    """The business fact a transfer books."""

    CHARGE = 1, "charge"
    TAX = 2, "tax"
    PAYMENT = 3, "payment"
    OPENING = 4, "opening balance"
    REVERSAL = 5, "reversal"


class SourceKind(models.IntegerChoices):
    """The record whose id is a transfer's ``source_id``."""

    INVOICE = 1, "invoice"
    PAYMENT = 2, "payment"
    OPENING = 3, "opening account"
    REVERSAL = 4, "reversal"


class LedgerAccount(models.Model):
    """An account of the ledger: one customer's (``account_id``) or the house's own.

    ``code`` tells accounts of one kind apart: the tax and place for taxes, else empty.
    """

    kind = models.TextField(choices=LedgerAccountKind.choices)
    account_id = models.BigIntegerField(null=True, blank=True)
    code = models.TextField(blank=True, default="")

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "kind", "code"],
                name="ledger_account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind="receivable", account_id__isnull=False)
                | (~Q(kind="receivable") & Q(account_id__isnull=True)),
                name="ledger_account_owner",
            ),
        ]

    def __str__(self) -> str:
        owner = f" of account {self.account_id}" if self.account_id else ""
        return f"{self.kind}{owner} {self.code}".strip()


class LedgerBalance(models.Model):
    """Sums of the transfers of one ledger account, kept by the database's own trigger.

    A customer's account has the one row ``shard`` 0. Accounts of the house have several, so that
    writers at the same time do not wait for each other; their balance is the sum of the rows.
    """

    pk = models.CompositePrimaryKey("ledger_account_id", "shard")
    ledger_account_id = models.BigIntegerField()
    shard = models.SmallIntegerField()
    debit_usd = models.DecimalField(max_digits=18, decimal_places=2)
    credit_usd = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        db_table = "ledger_balance"

    def __str__(self) -> str:
        return f"balance of ledger account {self.ledger_account_id}"


class Transfer(models.Model):
    """One positive amount from a debit to a credit account: immutable, balanced by construction.

    ``account_id`` is the customer's account it concerns. ``(source_kind, source_id, source_leg)``
    names the business fact and is unique, so that no fact is booked twice.
    """

    account_id = models.BigIntegerField(null=True, blank=True)
    debit = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    credit = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    kind = models.SmallIntegerField(choices=TransferKind.choices)
    source_kind = models.SmallIntegerField(choices=SourceKind.choices)
    source_id = models.BigIntegerField()
    source_leg = models.SmallIntegerField()
    brand_id = models.BigIntegerField()
    effective_date = models.DateField()
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", db_index=False
    )
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "transfer"
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "source_leg"], name="transfer_source_once"
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="transfer_reversed_once",
            ),
            models.CheckConstraint(
                # NaN is greater than every number for PostgreSQL, hence the upper bound.
                condition=Q(amount_usd__gt=0) & Q(amount_usd__lt=10**15),
                name="transfer_amount_positive",
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two"),
        ]
        indexes = [models.Index(fields=["account_id", "id"], name="transfer_account")]

    def __str__(self) -> str:
        return f"transfer {self.pk}: {self.amount_usd}"
