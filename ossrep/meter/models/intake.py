"""What came in: files and runs that brought interval days, and what they could not bring."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

INTAKE_KINDS = ("smt_csv", "lse", "interval_csv", "retry", "vee", "unknown")
INTAKE_STATES = ("reading", "done", "refused")
QUARANTINE_STATES = ("open", "loaded", "dismissed")


class Intake(models.Model):
    """One file (or one run of estimation or retry), and what came of it.

    Ids rise in the order of the files, so of two equal revisions the later received is known.
    """

    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in INTAKE_KINDS])
    name = models.TextField()
    state = models.CharField(
        max_length=8, choices=[(state, state) for state in INTAKE_STATES], default="reading"
    )
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    accepted_days = models.IntegerField(default=0)
    replaced_days = models.IntegerField(default=0)
    older_days = models.IntegerField(default=0)
    unchanged_days = models.IntegerField(default=0)
    refused_records = models.IntegerField(default=0)
    intervals = models.BigIntegerField(default=0)
    message = models.TextField(blank=True, default="")

    class Meta:
        db_table = "intake"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=INTAKE_KINDS), name="meter_intake_kind"),
            models.CheckConstraint(condition=Q(state__in=INTAKE_STATES), name="meter_intake_state"),
        ]
        indexes = [models.Index(fields=["-received_at"], name="meter_intake_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class QuarantinedRecord(models.Model):
    """A piece of a file that did not load, kept with its reason until someone decides.

    ``raw`` is in ``format``; it can be read again when the cause is gone. A refused file as a
    whole has no raw bytes: import it again instead.
    """

    intake = models.ForeignKey(Intake, models.PROTECT, related_name="quarantined_records")
    file = models.TextField()
    first_line = models.BigIntegerField()
    last_line = models.BigIntegerField()
    esi_id = models.CharField("ESI ID", max_length=22, blank=True, default="")
    date = models.DateField(null=True)
    reason = models.CharField(max_length=40)
    message = models.TextField()
    format = models.CharField(max_length=12)
    raw = models.BinaryField()
    raw_digest = models.UUIDField()
    state = models.CharField(
        max_length=9, choices=[(state, state) for state in QUARANTINE_STATES], default="open"
    )
    attempts = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True, default="")
    loaded_by = models.ForeignKey(Intake, models.PROTECT, related_name="retried_records", null=True)

    class Meta:
        db_table = "quarantined_record"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=QUARANTINE_STATES), name="meter_quarantine_state"
            ),
            # The same piece that comes again is the same case.
            models.UniqueConstraint(
                fields=["raw_digest", "reason"],
                condition=Q(state="open"),
                name="meter_quarantine_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="meter_quarantine_state_id"),
            models.Index(fields=["esi_id"], name="meter_quarantine_esi_id"),
        ]

    def __str__(self) -> str:
        return f"{self.file}:{self.first_line} {self.reason}"
