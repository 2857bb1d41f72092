"""Base classes of the outbox and inbox tables; each context has them in its own schema.

A context makes its tables by subclassing in ``models/messaging.py``; the SQL of the relay names
the tables without schema, so the connection's search path decides whose they are.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class OutboxStreamBase(models.Model):
    """Last sequence number of one aggregate; its row is locked until the change commits."""

    pk = models.CompositePrimaryKey("aggregate_type", "aggregate_id")
    aggregate_type = models.TextField()
    aggregate_id = models.TextField()
    last_seq = models.BigIntegerField()

    class Meta:
        abstract = True
        db_table = "outbox_stream"


class OutboxEventBase(models.Model):
    """One fact, to be published in the order of its aggregate."""

    event_id = models.UUIDField(unique=True)
    incarnation = models.IntegerField(db_default=1)
    aggregate_type = models.TextField()
    aggregate_id = models.TextField()
    seq = models.BigIntegerField()
    shard = models.SmallIntegerField()
    event_type = models.TextField()
    payload = models.JSONField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(db_default=0)
    last_error = models.TextField(null=True)
    quarantined_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        db_table = "outbox_event"
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_type", "aggregate_id", "incarnation", "seq"],
                name="%(app_label)s_outbox_sequence",
            )
        ]
        indexes = [
            models.Index(
                fields=["shard", "id"],
                name="%(app_label)s_outbox_unpublished",
                condition=models.Q(published_at__isnull=True),
            ),
            models.Index(
                fields=["aggregate_type", "aggregate_id", "seq"],
                name="%(app_label)s_outbox_head",
                condition=models.Q(published_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.aggregate_type}:{self.aggregate_id}#{self.seq}"


class InboxStreamBase(models.Model):
    """How far one consumer has come with one aggregate."""

    pk = models.CompositePrimaryKey("consumer", "aggregate_type", "aggregate_id")
    consumer = models.TextField()
    aggregate_type = models.TextField()
    aggregate_id = models.TextField()
    incarnation = models.IntegerField()
    last_seq = models.BigIntegerField()
    parked = models.BooleanField(db_default=False)

    class Meta:
        abstract = True
        db_table = "inbox_stream"


class InboxParkedBase(models.Model):
    """An event that could not be applied, kept whole until a person lets it go on."""

    consumer = models.TextField()
    aggregate_type = models.TextField()
    aggregate_id = models.TextField()
    incarnation = models.IntegerField()
    seq = models.BigIntegerField()
    event_id = models.UUIDField()
    event_type = models.TextField()
    payload = models.JSONField()
    headers = models.JSONField(default=dict)
    error = models.TextField()
    parked_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
        db_table = "inbox_parked"
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "aggregate_type", "aggregate_id", "incarnation", "seq"],
                name="%(app_label)s_inbox_parked_once",
            )
        ]
