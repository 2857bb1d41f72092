"""The bill run: what was asked, its chunks of work, and one item for each account due."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RunKind(models.TextChoices):
    """What a run does to the accounts in it."""

    BILL = "bill", "bill"
    REVERSE = "reverse", "reverse"


class RunState(models.TextChoices):
    """A run is open until every item of it has an outcome."""

    OPEN = "open", "open"
    FINISHED = "finished", "finished"


class ItemKind(models.IntegerChoices):
    """Which bill of an account; a final bill ends with the contract."""

    REGULAR = 1, "regular"
    FINAL = 2, "final"


class ItemState(models.TextChoices):
    """What became of one account in a run."""

    PLANNED = "planned", "planned"
    BILLED = "billed", "billed"
    HELD = "held", "held"
    SKIPPED = "skipped", "skipped"
    REVERSED = "reversed", "reversed"


LIVE_ITEM_STATES = (ItemState.PLANNED, ItemState.BILLED)


class BillRun(models.Model):
    """One order to bill; a second order with the same parameters joins it while it is open."""

    kind = models.TextField(choices=RunKind.choices, default=RunKind.BILL)
    read_cycle = models.TextField(null=True, blank=True)
    as_of = models.DateField()
    issue_date = models.DateField()
    parameters = models.JSONField()
    parameters_hash = models.TextField()
    state = models.TextField(choices=RunState.choices, default=RunState.OPEN)
    wave = models.IntegerField(default=0)
    requested_by = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "bill_run"
        constraints = [
            models.UniqueConstraint(
                fields=["parameters_hash"],
                condition=Q(state="open"),
                name="bill_run_one_open",
            )
        ]

    def __str__(self) -> str:
        what = f"cycle {self.read_cycle}" if self.read_cycle else "all cycles"
        return f"run {self.pk}: {self.kind} {what} as of {self.as_of}"


class BillRunChunk(models.Model):
    """A portion of a run; locking its row is the claim, its totals come with its work."""

    run = models.ForeignKey(BillRun, models.PROTECT, related_name="chunks")
    chunk_no = models.IntegerField()
    wave = models.IntegerField(default=1)
    planned = models.IntegerField()
    is_done = models.BooleanField(default=False)
    billed = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    lines = models.IntegerField(default=0)
    import_wh = models.BigIntegerField(default=0)
    charges_usd = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    tax_usd = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bill_run_chunk"
        constraints = [
            models.UniqueConstraint(fields=["run", "chunk_no"], name="bill_run_chunk_number")
        ]
        indexes = [
            models.Index(
                fields=["run", "chunk_no"],
                name="bill_run_chunk_to_do",
                condition=Q(is_done=False),
            )
        ]

    def __str__(self) -> str:
        return f"run {self.run_id}, chunk {self.chunk_no}"


class BillRunItem(models.Model):
    """One bill due: account, window, contracts and the number its invoice will have.

    ``contract_ids``, ``starts`` and ``ends`` are columns of one table: contract ``i`` is due for
    local dates ``[starts[i], ends[i])``. ``first_contract_id`` is the smallest of the ids. The
    invoice made of an item has the item's id. ``is_live`` says of the state what no two items of
    one bill may share; it does not change when an item is billed, so that no index does either.
    """

    run = models.ForeignKey(BillRun, models.PROTECT, related_name="items", db_index=False)
    chunk_no = models.IntegerField()
    account_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=ItemKind.choices, default=ItemKind.REGULAR)
    period_start = models.DateField()
    period_end = models.DateField()
    first_contract_id = models.BigIntegerField()
    contract_ids = ArrayField(models.BigIntegerField())
    starts = ArrayField(models.DateField())
    ends = ArrayField(models.DateField())
    has_more = models.BooleanField(default=False)
    number = models.TextField()
    state = models.TextField(choices=ItemState.choices, default=ItemState.PLANNED)
    reason_code = models.TextField(blank=True, default="")
    is_live = models.BooleanField(default=True, editable=False)

    class Meta:
        db_table = "bill_run_item"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "kind", "first_contract_id", "period_start", "period_end"],
                condition=Q(is_live=True),
                name="bill_run_item_once",
            ),
            models.CheckConstraint(
                condition=Q(is_live=True, state__in=["planned", "billed"])
                | (Q(is_live=False) & ~Q(state__in=["planned", "billed"])),
                name="bill_run_item_live",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=models.F("period_start")),
                name="bill_run_item_period",
            ),
        ]
        indexes = [models.Index(fields=["run", "chunk_no"], name="bill_run_item_chunk")]

    def __str__(self) -> str:
        return f"item {self.pk}: account {self.account_id} {self.period_start}..{self.period_end}"


class InvoiceSeries(models.Model):
    """Where invoice numbers come from; ``series`` is printed before the counter."""

    series = models.IntegerField(primary_key=True)
    next_counter = models.BigIntegerField(default=1)

    class Meta:
        db_table = "invoice_series"
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return f"series {self.series}"
