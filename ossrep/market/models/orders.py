"""Orders of the market's processes, what happened to each, and messages that wait for their turn.

Steps are facts: the runtime role can insert and read them only. What changes is an order's own
row: its state, which a step explains, and its dates.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

WISHES = ("", "enrollment", "move-out", "disconnect", "reconnect")
VERDICTS = ("moved", "noted", "unexpected")
WAIT_STATES = ("waiting", "applied", "unexpected", "laid_aside")


def _one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


class Order(models.Model):
    """One process at one service point: a switch, a move-out, a cancel of another order.

    ``kind`` is the process (``domain.processes.PROCESSES``), ``state`` one of its states.
    ``reference`` is the original transaction id by which the market knows it: our BGN02, or for
    what others began (a loss) theirs. ``target`` is the order that a cancel or a date change is
    about. ``wish`` and ``wish_id`` name what another context asked for (an enrollment id);
    ``attempt`` counts orders for the same wish. ``counter`` is the highest iteration counter that
    holds, of a date change its own (``YYYYMMDDHHMM``, local). ``request`` is what was asked for,
    ``service_point`` what the market told of the meter.
    """

    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=30)
    is_open = models.BooleanField(default=True)
    esi_id = models.CharField("ESI ID", max_length=36)
    tdsp_code = models.CharField("TDSP", max_length=20)
    partner = models.CharField(max_length=20)
    brand_id = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=60)
    target = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="about")
    wish = models.CharField(max_length=20, default="", blank=True)
    wish_id = models.CharField(max_length=100, default="", blank=True)
    attempt = models.IntegerField(default=1)
    account_number = models.CharField(max_length=40, default="", blank=True)
    requested_date = models.DateField(null=True)
    scheduled_date = models.DateField(null=True)
    effective_date = models.DateField(null=True)
    counter = models.CharField("iteration counter", max_length=14, default="", blank=True)
    request = models.JSONField(default=dict)
    service_point = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "process_order"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="market_order_reference"),
            models.UniqueConstraint(
                fields=["wish", "wish_id", "attempt"],
                condition=~Q(wish=""),
                name="market_order_wish",
            ),
            models.CheckConstraint(
                condition=Q(wish="", wish_id="") | (~Q(wish="") & ~Q(wish_id="")),
                name="market_order_wish_named",
            ),
            _one_of("wish", WISHES, "market_order_wish_kind"),
            models.CheckConstraint(condition=~Q(reference=""), name="market_order_has_reference"),
        ]
        indexes = [
            models.Index(fields=["esi_id", "id"], name="market_order_esi"),
            models.Index(fields=["reference"], name="market_order_reference_find"),
            models.Index(
                fields=["kind", "state", "id"], condition=Q(is_open=True), name="market_order_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class OrderStep(models.Model):
    """What happened to an order: a message, a command or a late answer, and what it did.

    ``trigger`` is that of the process's table. For a message ``reference`` is its own number and
    ``data`` what it said; the same number of the same kind has one step. ``by`` is who commanded.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    trigger = models.CharField(max_length=60)
    verdict = models.CharField(max_length=12)
    from_state = models.CharField(max_length=30)
    to_state = models.CharField(max_length=30)
    reference = models.CharField(max_length=60, default="", blank=True)
    inbound_set_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=list)
    effects = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    by = models.CharField(max_length=150, default="", blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        db_table = "order_step"
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="market_order_step_number"),
            models.UniqueConstraint(
                fields=["order", "trigger", "reference"],
                condition=~Q(reference=""),
                name="market_order_step_once",
            ),
            _one_of("verdict", VERDICTS, "market_order_step_verdict"),
        ]
        indexes = [
            models.Index(
                fields=["inbound_set_id"],
                condition=Q(inbound_set_id__isnull=False),
                name="market_order_step_set",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.number}: {self.trigger}"


class WaitingMessage(models.Model):
    """A message that came before what it follows, or whose order nobody knows.

    It is tried again whenever its order moves or an order of its service point begins; after
    ``expires_at`` a person is asked, at ``told_at``. ``order`` is the one it belongs to, where it
    is known.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="waiting")
    kind = models.CharField(max_length=20)
    trigger = models.CharField(max_length=60)
    reference = models.CharField(max_length=60)
    original_reference = models.CharField(max_length=60, default="", blank=True)
    esi_id = models.CharField("ESI ID", max_length=64)
    inbound_set_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    waits_for = models.CharField(max_length=200)
    state = models.CharField(max_length=12, default="waiting")
    arrived_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waiting_message"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["esi_id", "trigger", "reference"], name="market_waiting_message_once"
            ),
            _one_of("state", WAIT_STATES, "market_waiting_message_state"),
        ]
        indexes = [
            models.Index(
                fields=["esi_id", "id"],
                condition=Q(state="waiting"),
                name="market_waiting_open",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(state="waiting", told_at=None),
                name="market_waiting_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.reference}"
