"""What arrived: raw bytes, then what stands in them, then what became of each set.

Files, chunks, arrivals, interchanges, groups, sets and outcomes are facts: the runtime role can
insert and read them only. What changes stands apart: ``InboundWork`` (has a file been processed),
``ParkedSet`` (what waits), ``BusinessNumber`` (which number has had its effect).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ossrep.market.models.partners import Channel, TradingPartner

WORK_STATES = ("stored", "done", "refused", "quarantined")
VERDICTS = ("taken", "duplicate", "refused")
OUTCOME_STATES = ("applied", "parked", "rejected")


def _one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


class InboundFile(models.Model):
    """A file as it came, once for each content; its bytes stand in ``InboundChunk``."""

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    syntax = models.CharField(max_length=10)
    name = models.CharField(max_length=300)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_file"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class InboundChunk(models.Model):
    """A part of a file's bytes, unchanged; chunks follow each other without a gap."""

    file = models.ForeignKey(InboundFile, on_delete=models.PROTECT, related_name="chunks")
    offset = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "inbound_chunk"
        constraints = [
            models.UniqueConstraint(fields=["file", "offset"], name="market_inbound_chunk_place")
        ]


class InboundArrival(models.Model):
    """Each time a content came: over which channel, under which name."""

    file = models.ForeignKey(InboundFile, on_delete=models.PROTECT, related_name="arrivals")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, null=True, related_name="+"
    )
    name = models.CharField(max_length=300)
    arrived_at = models.DateTimeField()
    is_repeat = models.BooleanField()

    class Meta:
        db_table = "inbound_arrival"
        ordering = ["-id"]


class InboundWork(models.Model):
    """Whether a file has been processed.

    ``esi_keys`` are numbers of the ESI IDs that stand in the file; a file waits for older ones
    that share a key, so that each ESI ID's messages are applied in the order they came. A
    ``is_barrier`` file shares with all. One that is taken up again keeps ``finished_at``.
    """

    file = models.OneToOneField(
        InboundFile, on_delete=models.PROTECT, primary_key=True, related_name="work"
    )
    state = models.CharField(max_length=12, default="stored")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, null=True, related_name="+"
    )
    esi_keys = ArrayField(models.IntegerField())
    is_barrier = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "inbound_work"
        constraints = [_one_of("state", WORK_STATES, "market_inbound_work_state")]
        indexes = [
            models.Index(fields=["file"], condition=Q(state="stored"), name="market_work_open")
        ]


class InboundInterchange(models.Model):
    """ISA to IEA. ``taken`` is unique by sender, receiver and control number."""

    file = models.ForeignKey(InboundFile, on_delete=models.PROTECT, related_name="interchanges")
    place = models.IntegerField()
    sender = models.CharField(max_length=15)
    receiver = models.CharField(max_length=15)
    control_number = models.CharField(max_length=14)
    content_sha256 = models.CharField(max_length=64)
    is_test = models.BooleanField()
    separators = models.CharField(max_length=5)
    verdict = models.CharField(max_length=10)
    code = models.CharField(max_length=40, default="")
    text = models.TextField(default="")
    processed_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_interchange"
        ordering = ["-id"]
        constraints = [
            _one_of("verdict", VERDICTS, "market_inbound_interchange_verdict"),
            models.UniqueConstraint(
                fields=["sender", "receiver", "control_number"],
                condition=Q(verdict="taken"),
                name="market_inbound_interchange_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} {self.control_number}"


class InboundGroup(models.Model):
    """GS to GE; a flat file has one group without functional id."""

    interchange = models.ForeignKey(
        InboundInterchange, on_delete=models.PROTECT, null=True, related_name="groups"
    )
    file = models.ForeignKey(InboundFile, on_delete=models.PROTECT, related_name="groups")
    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, null=True, related_name="inbound_groups"
    )
    functional_id = models.CharField(max_length=4)
    sender = models.CharField(max_length=15)
    receiver = models.CharField(max_length=15)
    control_number = models.CharField(max_length=14)
    set_count = models.IntegerField()
    acknowledgment = models.CharField(max_length=1, default="")
    text = models.TextField(default="")

    class Meta:
        db_table = "inbound_group"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.functional_id} {self.control_number} of {self.sender}"


class InboundSet(models.Model):
    """ST to SE, or one transaction of a flat file: what it is, and where its bytes stand."""

    group = models.ForeignKey(InboundGroup, on_delete=models.PROTECT, related_name="sets")
    file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, related_name="sets", db_index=False
    )
    partner = models.ForeignKey(
        TradingPartner,
        on_delete=models.PROTECT,
        null=True,
        related_name="inbound_sets",
        db_index=False,
    )
    place = models.IntegerField()
    code = models.CharField(max_length=6)
    control_number = models.CharField(max_length=14)
    kind = models.CharField(max_length=8)
    reference = models.CharField(max_length=60)
    original_reference = models.CharField(max_length=60)
    esi_id = models.CharField("ESI ID", max_length=64)
    tdsp_duns = models.CharField("TDSP DUNS", max_length=20)
    raw_offset = models.BigIntegerField()
    raw_length = models.BigIntegerField()
    body_sha256 = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_set"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["esi_id", "id"], name="market_inbound_set_esi"),
            models.Index(fields=["reference"], name="market_inbound_set_reference"),
            models.Index(
                fields=["original_reference"],
                condition=~Q(original_reference=""),
                name="market_inbound_set_original",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind or self.code} {self.reference or self.control_number}"


class InboundOutcome(models.Model):
    """What became of a set; ``number`` counts its outcomes, the highest counts."""

    inbound_set = models.ForeignKey(
        InboundSet, on_delete=models.PROTECT, related_name="outcomes", db_index=False
    )
    number = models.IntegerField(default=1)
    state = models.CharField(max_length=8)
    code = models.CharField(max_length=40)
    text = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "inbound_outcome"
        ordering = ["inbound_set", "-number"]
        constraints = [
            _one_of("state", OUTCOME_STATES, "market_inbound_outcome_state"),
            models.UniqueConstraint(
                fields=["inbound_set", "number"], name="market_inbound_outcome_number"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                condition=~Q(state="applied"),
                name="market_inbound_outcome_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.code}".strip()


class ParkedSet(models.Model):
    """A set that waits: for what it needs, for a handler, or for a person.

    ``settled_at`` is set when a later outcome has applied or rejected it.
    """

    inbound_set = models.OneToOneField(
        InboundSet, on_delete=models.PROTECT, primary_key=True, related_name="parking"
    )
    esi_id = models.CharField("ESI ID", max_length=64)
    kind = models.CharField(max_length=8)
    parked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "parked_set"
        ordering = ["parked_at", "inbound_set"]
        indexes = [
            models.Index(
                fields=["esi_id", "inbound_set"],
                condition=Q(settled_at=None),
                name="market_parked_set_open",
            )
        ]


class BusinessNumber(models.Model):
    """A sender's own number of a transaction (BGN02, BPT02, BIG02) that has had its effect.

    ERCOT forwards what TDSPs number, so the TDSP in the transaction belongs to the key.
    """

    pk = models.CompositePrimaryKey("partner", "tdsp_duns", "kind", "reference")
    partner = models.CharField(max_length=20)
    tdsp_duns = models.CharField(max_length=20)
    kind = models.CharField(max_length=8)
    reference = models.CharField(max_length=60)
    inbound_set = models.ForeignKey(
        InboundSet, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        db_table = "business_number"
