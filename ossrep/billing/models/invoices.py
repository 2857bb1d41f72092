"""Invoices as issued: header, lines, taxes. None of it changes; a reversal is a row elsewhere."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class LineTemplate(models.Model):
    """What a line has in common with all others like it: immutable, one row per content.

    A line's quantity divided by ``quantity_scale`` is the printed quantity in ``unit``.
    ``content_hash`` is the SHA-256 of the content in canonical JSON.
    """

    content_hash = models.TextField(unique=True)
    section = models.TextField()
    kind = models.TextField()
    component = models.TextField()
    bucket = models.TextField(null=True, blank=True)
    label = models.TextField()
    unit = models.TextField()
    unit_price_usd = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    quantity_scale = models.BigIntegerField()
    recurring = models.BooleanField()
    energy = models.BooleanField()
    taxes = ArrayField(models.TextField())
    recipe = models.JSONField()

    class Meta:
        db_table = "line_template"

    def __str__(self) -> str:
        return self.label


class TaxTemplate(models.Model):
    """What a tax line has in common with all others like it: immutable, one row per content.

    ``rate`` is exact text, ``1/600`` or ``0.0625``; ``place`` is empty for the state's.
    """

    content_hash = models.TextField(unique=True)
    code = models.TextField()
    label = models.TextField()
    place = models.TextField(blank=True)
    rate = models.TextField()

    class Meta:
        db_table = "tax_template"

    def __str__(self) -> str:
        return f"{self.label} {self.place}".strip()


class PrintedPart(models.Model):
    """What many invoices print alike (a brand; a plan with its TDSP): one row per content."""

    content_hash = models.TextField(unique=True)
    kind = models.TextField()
    content = models.JSONField()

    class Meta:
        db_table = "printed_part"

    def __str__(self) -> str:
        return f"{self.kind} {self.content.get('name', '')}".strip()


class Invoice(models.Model):
    """One bill of an account, with all it prints; its id is that of its run's item.

    Money: ``previous_balance + payments + adjustments + retailer + delivery + tax = amount_due``,
    payments being negative. ``average_price_tenth_cents`` per kWh, null at 0 kWh. ``snapshot``:
    ``customer``, ``bill_to``, ``payments`` (date, label, amount_usd), ``history`` (last date,
    imported and exported Wh of up to 13 periods, oldest first, this bill's last) and ``sites``.
    ``ledger_mark`` is the account's last transfer before this invoice's own.
    """

    id = models.BigIntegerField(primary_key=True)
    number = models.TextField()
    run = models.ForeignKey(
        "billing.BillRun", models.PROTECT, related_name="invoices", db_constraint=False
    )
    account_id = models.BigIntegerField()
    account_number = models.TextField()
    bill_to_name = models.TextField()
    kind = models.SmallIntegerField()
    period_start = models.DateField()
    period_end = models.DateField()
    issue_date = models.DateField()
    due_date = models.DateField()
    previous_balance_usd = models.DecimalField(max_digits=18, decimal_places=2)
    payments_usd = models.DecimalField(max_digits=18, decimal_places=2)
    adjustments_usd = models.DecimalField(max_digits=18, decimal_places=2)
    retailer_usd = models.DecimalField(max_digits=18, decimal_places=2)
    delivery_usd = models.DecimalField(max_digits=18, decimal_places=2)
    tax_usd = models.DecimalField(max_digits=18, decimal_places=2)
    amount_due_usd = models.DecimalField(max_digits=18, decimal_places=2)
    import_wh = models.BigIntegerField()
    export_wh = models.BigIntegerField()
    average_price_tenth_cents = models.IntegerField(null=True, blank=True)
    line_count = models.SmallIntegerField()
    is_estimated = models.BooleanField()
    brand_id = models.BigIntegerField()
    brand_part = models.ForeignKey(
        PrintedPart, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    ledger_mark = models.BigIntegerField()
    snapshot = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "invoice"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="invoice_number_once"),
            models.CheckConstraint(
                condition=models.Q(
                    amount_due_usd=models.F("previous_balance_usd")
                    + models.F("payments_usd")
                    + models.F("adjustments_usd")
                    + models.F("retailer_usd")
                    + models.F("delivery_usd")
                    + models.F("tax_usd")
                ),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(due_date__gt=models.F("issue_date")), name="invoice_due_later"
            ),
        ]
        indexes = [models.Index(fields=["account_id", "id"], name="invoice_account")]

    def __str__(self) -> str:
        return f"invoice {self.number}"


class InvoiceLine(models.Model):
    """One printed line: a template, an exact quantity and whole cents.

    ``recipe`` holds only what this line's explanation has beyond its template's.
    """

    pk = models.CompositePrimaryKey("invoice_id", "line_no")
    invoice_id = models.BigIntegerField()
    line_no = models.SmallIntegerField()
    site_no = models.SmallIntegerField()
    template = models.ForeignKey(
        LineTemplate, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    quantity = models.BigIntegerField()
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    recipe = models.JSONField(null=True)

    class Meta:
        db_table = "invoice_line"

    def __str__(self) -> str:
        return f"line {self.line_no} of invoice {self.invoice_id}"


class InvoiceTax(models.Model):
    """One tax of an invoice, with its parts in the retailer's and the delivery section.

    ``split`` is null for an invoice of one site; else a list of ``{site, section, amount_usd}``.
    """

    pk = models.CompositePrimaryKey("invoice_id", "tax_no")
    invoice_id = models.BigIntegerField()
    tax_no = models.SmallIntegerField()
    template = models.ForeignKey(
        TaxTemplate, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    base_usd = models.DecimalField(max_digits=18, decimal_places=2)
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)
    retailer_usd = models.DecimalField(max_digits=18, decimal_places=2)
    delivery_usd = models.DecimalField(max_digits=18, decimal_places=2)
    split = models.JSONField(null=True)

    class Meta:
        db_table = "invoice_tax"

    def __str__(self) -> str:
        return f"tax {self.tax_no} of invoice {self.invoice_id}"
