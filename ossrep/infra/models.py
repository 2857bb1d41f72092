"""What the house itself keeps, on ``default``."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class BrokerTopic(models.Model):
    """A topic and its recorded number of partitions."""

    topic = models.TextField(primary_key=True)
    partitions = models.IntegerField()

    class Meta:
        db_table = "broker_topic"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(partitions__gt=0), name="broker_topic_has_partitions"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.partitions} partitions)"


class OneTimePassword(models.Model):
    """A password that was printed for a first sign-in; in force until its user has another.

    ``password_hash`` is what the user's own record held then: while the two are equal, the
    password was not changed and may be given anew.
    """

    username = models.CharField(max_length=150, primary_key=True)
    password_hash = models.CharField(max_length=128)

    class Meta:
        db_table = "one_time_password"

    def __str__(self) -> str:
        return self.username


class RevokedAccess(models.Model):
    """Access of an issuer that has ended before its tokens did.

    By token id, by session, or of a subject with all that was issued until ``recorded_at``.
    ``logout`` is the id of a logout token, so that it counts once.
    """

    KINDS = ("token", "session", "subject", "logout")

    issuer = models.CharField(max_length=300)
    kind = models.CharField(max_length=7, choices=[(kind, kind) for kind in KINDS])
    value = models.CharField(max_length=500)
    recorded_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "revoked_access"
        verbose_name_plural = "revoked access"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "kind", "value"], name="platform_revoked_access_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["token", "session", "subject", "logout"]),
                name="platform_revoked_access_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class StaffIdentity(models.Model):
    """Whose account an operator of another OpenID provider has here."""

    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=500)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_identity"
    )

    class Meta:
        db_table = "staff_identity"
        verbose_name_plural = "staff identities"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="platform_staff_identity_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"


class AnsweredCall(models.Model):
    """An unsafe call that was made under an Idempotency-Key, and what it was answered.

    ``status`` is empty from before the work until its answer is known.
    """

    client = models.CharField(max_length=800)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        db_table = "answered_call"
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="platform_answered_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.key}"


class RateCount(models.Model):
    """How many calls one caller made in one window; of no worth after it."""

    caller = models.CharField(max_length=100)
    window_start = models.BigIntegerField()
    calls = models.IntegerField()

    class Meta:
        db_table = "rate_count"
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "window_start"], name="platform_rate_count_window"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.calls}"
