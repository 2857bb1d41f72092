"""Enrollments that people fill in step by step, and what they consented to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ossrep.customer.domain import online_enrollment
from ossrep.customer.models.account import Account
from ossrep.customer.models.fields import one_of


class OnlineEnrollment(models.Model):
    """One person's way through the steps.

    ``reference`` stands in addresses; who also has the key behind ``key_sha256`` may go on.
    ``answers`` holds a JSON object for each answered step (``domain/online_enrollment.py``) and is
    emptied when the enrollment is given up: personal data of people who never became customers.
    ``number`` is the confirmation number.
    """

    reference = models.CharField(max_length=26, unique=True)
    key_sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10,
        choices=[(s, s) for s in online_enrollment.STATES],
        default=online_enrollment.OPEN,
    )
    answers = models.JSONField(default=dict)
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    enrollment_numbers = models.JSONField(default=list)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "online_enrollment"
        constraints = [
            one_of("state", online_enrollment.STATES, "cust_online_state"),
            models.CheckConstraint(
                condition=~Q(state=online_enrollment.SUBMITTED)
                | Q(number__isnull=False, account__isnull=False, submitted_at__isnull=False),
                name="cust_online_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state=online_enrollment.ABANDONED) | Q(answers={}),
                name="cust_online_abandoned_bare",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state=online_enrollment.OPEN),
                name="cust_online_open_until",
            )
        ]

    def __str__(self) -> str:
        return self.number or self.reference


class EnrollmentConsent(models.Model):
    """What a person agreed to when they enrolled, word for kind; never changed."""

    enrollment = models.ForeignKey(OnlineEnrollment, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=30, choices=[(k, k) for k in online_enrollment.CONSENTS])
    plan_version_id = models.BigIntegerField()
    signed_name = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        db_table = "enrollment_consent"
        constraints = [
            one_of("kind", online_enrollment.CONSENTS, "cust_consent_kind"),
            models.UniqueConstraint(fields=["enrollment", "kind"], name="cust_consent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.signed_name}"
