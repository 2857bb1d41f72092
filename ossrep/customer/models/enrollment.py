"""What customers wish of the market: service somewhere, or its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import models
from django.db.models import Q

from ossrep.customer.domain import enrollment_life
from ossrep.customer.models.contract import Contract
from ossrep.customer.models.fields import number_check, number_field, one_of, text
from ossrep.customer.models.tracking import tracked

_CODES_LENGTH = 200
_TEXT_LENGTH = 500


@tracked("enrollment_event")
class Enrollment(models.Model):
    """A customer wants service under a pending contract; ``number`` names the wish for ever.

    ``wanted_date`` is empty for a switch on the first day possible; ``scheduled_date`` is the
    wires company's and may move; ``start_date`` is the day on which service began.
    """

    number = number_field()
    contract = models.OneToOneField(Contract, models.PROTECT, related_name="enrollment")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in enrollment_life.KINDS])
    wanted_date = models.DateField(null=True, blank=True)
    is_priority = models.BooleanField(default=False)
    has_special_needs = models.BooleanField(default=False)
    wants_usage_history = models.BooleanField(default=False)
    consented_date = models.DateField(null=True, blank=True)
    consent_channel = text(10)
    state = models.CharField(
        max_length=16,
        choices=[(s, s) for s in enrollment_life.STATES],
        default=enrollment_life.SUBMITTED,
    )
    is_cancel_requested = models.BooleanField(default=False)
    order_reference = text(40)
    scheduled_date = models.DateField(null=True, blank=True)
    start_date = models.DateField(null=True, blank=True)
    reason_codes = text(_CODES_LENGTH)
    reason_text = text(_TEXT_LENGTH)
    submitted_at = models.DateTimeField()

    class Meta:
        db_table = "enrollment"
        constraints = [
            number_check("cust_enrollment_number"),
            one_of("kind", enrollment_life.KINDS, "cust_enrollment_kind"),
            one_of("state", enrollment_life.STATES, "cust_enrollment_state"),
            one_of("consent_channel", enrollment_life.CHANNELS, "cust_enrollment_channel"),
            models.CheckConstraint(
                condition=Q(kind=enrollment_life.SWITCH) | Q(wanted_date__isnull=False),
                name="cust_enrollment_move_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state=enrollment_life.COMPLETED) | Q(start_date__isnull=False),
                name="cust_enrollment_completed",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="cust_enrollment_by_state")]

    def __str__(self) -> str:
        return self.number

    def step(self, state: str, *, order_reference: str) -> None:
        """Takes the next state; the caller saves. Raises ForbiddenStep."""
        enrollment_life.check_step(
            before=self.state, after=state, where=f"enrollment {self.number}"
        )
        self.state = state
        self.order_reference = order_reference or self.order_reference

    def tell_reason(self, *, codes: Sequence[str], words: str) -> None:
        """Keeps why the market refused; the caller saves."""
        self.reason_codes = " ".join(codes)[:_CODES_LENGTH]
        self.reason_text = words[:_TEXT_LENGTH]


@tracked("move_out_event")
class MoveOut(models.Model):
    """A customer wants service under a contract to end; ``wanted_date`` has none any more."""

    number = number_field()
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="move_outs")
    wanted_date = models.DateField()
    state = models.CharField(
        max_length=16,
        choices=[(s, s) for s in enrollment_life.MOVE_OUT_STATES],
        default=enrollment_life.REQUESTED,
    )
    order_reference = text(40)
    scheduled_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    reason_codes = text(_CODES_LENGTH)
    reason_text = text(_TEXT_LENGTH)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "move_out"
        constraints = [
            number_check("cust_move_out_number"),
            one_of("state", enrollment_life.MOVE_OUT_STATES, "cust_move_out_state"),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=(enrollment_life.REQUESTED, enrollment_life.SCHEDULED)),
                name="cust_move_out_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def step(self, state: str, *, order_reference: str) -> None:
        """Takes the next state; the caller saves. Raises ForbiddenStep."""
        enrollment_life.check_step(
            before=self.state,
            after=state,
            where=f"move-out {self.number}",
            following=enrollment_life.MOVE_OUT_FOLLOWING,
        )
        self.state = state
        self.order_reference = order_reference or self.order_reference

    def tell_reason(self, *, codes: Sequence[str], words: str) -> None:
        """Keeps why the market refused; the caller saves."""
        self.reason_codes = " ".join(codes)[:_CODES_LENGTH]
        self.reason_text = words[:_TEXT_LENGTH]


def is_wish_alike(record: models.Model, wanted: Mapping[str, object]) -> bool:
    """True where a record holds exactly these values."""
    return all(getattr(record, name) == value for name, value in wanted.items())
