"""What we send: messages, the interchanges that carry them, and what became of those.

Messages, placements, deliveries, acknowledgments and the bytes of an interchange are facts. The
runtime role may change only how far an interchange has come.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ossrep.market.models.inbound import InboundFile, InboundGroup, InboundSet
from ossrep.market.models.partners import MarketIdentity, TradingPartner

INTERCHANGE_STATES = ("written", "sent")


class OutboundMessage(models.Model):
    """One transaction set to a partner, ST to SE; ``segments`` lists of elements.

    It is queued while it has no placement. ``identity`` is who of us sends it, where that is
    known when it is queued; else ``our_duns`` or the default one decides. ``answers`` is the
    group that a 997 acknowledges, ``answers_file`` the file that a 997, TA1 or 824 answers,
    ``step_id`` the step of an order that sent it.
    """

    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, related_name="outbound_messages"
    )
    functional_id = models.CharField(max_length=4)
    kind = models.CharField(max_length=8)
    reference = models.CharField(max_length=60)
    original_reference = models.CharField(max_length=60, default="")
    esi_id = models.CharField("ESI ID", max_length=64, default="")
    our_duns = models.CharField(max_length=13, default="")
    identity = models.ForeignKey(
        MarketIdentity, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    segments = models.JSONField()
    step_id = models.BigIntegerField(null=True)
    answers = models.ForeignKey(
        InboundGroup, on_delete=models.PROTECT, null=True, related_name="acknowledgments"
    )
    answers_file = models.ForeignKey(
        InboundFile, on_delete=models.PROTECT, null=True, related_name="answers"
    )
    queued_at = models.DateTimeField()

    class Meta:
        db_table = "outbound_message"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["esi_id", "id"], name="market_outbound_message_esi"),
            models.Index(fields=["reference"], name="market_outbound_message_ref"),
            models.Index(
                fields=["original_reference"],
                condition=~Q(original_reference=""),
                name="market_outbound_original",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["answers"],
                condition=~Q(answers=None),
                name="market_outbound_one_997",
            ),
            models.UniqueConstraint(
                fields=["kind", "reference"],
                condition=~Q(kind__in=["997", "TA1"]),
                name="market_outbound_number_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class QueuedMessage(models.Model):
    """A message that waits for the sender; the row goes when the message is placed."""

    message = models.OneToOneField(
        OutboundMessage, on_delete=models.PROTECT, primary_key=True, related_name="queue"
    )
    partner = models.ForeignKey(TradingPartner, on_delete=models.PROTECT, related_name="queue")

    class Meta:
        db_table = "queued_message"


class ControlNumber(models.Model):
    """The last number given in one series: interchanges or groups between two ids."""

    pk = models.CompositePrimaryKey("series", "sender", "receiver")
    series = models.CharField(max_length=12)
    sender = models.CharField(max_length=15)
    receiver = models.CharField(max_length=15)
    last = models.BigIntegerField()

    class Meta:
        db_table = "control_number"


class OutboundInterchange(models.Model):
    """An interchange as it is handed over: the same bytes and number at every attempt."""

    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, related_name="outbound_interchanges"
    )
    identity = models.ForeignKey(MarketIdentity, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=15)
    receiver = models.CharField(max_length=15)
    control_number = models.IntegerField()
    is_test = models.BooleanField()
    name = models.CharField(max_length=100)
    content = models.BinaryField()
    sha256 = models.CharField("SHA-256", max_length=64)
    written_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="written")
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbound_interchange"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "receiver", "control_number"],
                name="market_outbound_interchange_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=INTERCHANGE_STATES), name="market_outbound_interchange_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["partner", "id"],
                condition=Q(state="written"),
                name="market_outbound_to_send",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OutboundGroup(models.Model):
    """GS to GE of ours; ``acknowledgment`` is the AK9 code of the partner's 997, else empty."""

    interchange = models.ForeignKey(
        OutboundInterchange, on_delete=models.PROTECT, related_name="groups"
    )
    partner = models.ForeignKey(
        TradingPartner, on_delete=models.PROTECT, related_name="outbound_groups"
    )
    functional_id = models.CharField(max_length=4)
    control_number = models.IntegerField()
    set_count = models.IntegerField()
    acknowledgment = models.CharField(max_length=1, default="")
    acknowledged_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbound_group"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "functional_id", "control_number", "interchange"],
                name="market_outbound_group_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(acknowledgment="") & ~Q(functional_id="FA"),
                name="market_outbound_group_waits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.functional_id} {self.control_number}"


class Placement(models.Model):
    """Which interchange and group carry a message; one sent anew has a second placement.

    A TA1 stands in the interchange itself, without a group.
    """

    message = models.ForeignKey(
        OutboundMessage, on_delete=models.PROTECT, related_name="placements"
    )
    interchange = models.ForeignKey(
        OutboundInterchange, on_delete=models.PROTECT, related_name="placements"
    )
    group = models.ForeignKey(
        OutboundGroup, on_delete=models.PROTECT, null=True, related_name="placements"
    )
    set_control_number = models.CharField(max_length=9, default="")

    class Meta:
        db_table = "placement"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "set_control_number"], name="market_placement_number"
            ),
            models.UniqueConstraint(
                fields=["interchange", "message"], name="market_placement_once"
            ),
        ]


class Delivery(models.Model):
    """One attempt to hand an interchange to its transport, with the receipt or the error."""

    interchange = models.ForeignKey(
        OutboundInterchange, on_delete=models.PROTECT, related_name="deliveries"
    )
    attempted_at = models.DateTimeField()
    is_taken = models.BooleanField()
    receipt = models.TextField(default="")
    error = models.TextField(default="")

    class Meta:
        db_table = "delivery"
        verbose_name_plural = "deliveries"
        ordering = ["-id"]


class Acknowledgment(models.Model):
    """What a partner's 997 or TA1 said of a group or interchange of ours."""

    inbound_set = models.ForeignKey(
        InboundSet, on_delete=models.PROTECT, null=True, related_name="acknowledges"
    )
    group = models.ForeignKey(
        OutboundGroup, on_delete=models.PROTECT, null=True, related_name="acknowledgments"
    )
    interchange = models.ForeignKey(
        OutboundInterchange, on_delete=models.PROTECT, null=True, related_name="acknowledgments"
    )
    code = models.CharField(max_length=1)
    sets = models.JSONField(default=list)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "acknowledgment"
        ordering = ["-id"]
