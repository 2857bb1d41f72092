"""How logins come to a customer: by invitation, by a claim; and what wrong claims cost."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.models.account import Account
from ossrep.customer.models.customer import Customer
from ossrep.customer.models.fields import not_empty, one_of
from ossrep.customer.models.login import RIGHTS, Login
from ossrep.customer.models.tracking import tracked

CLAIM_STATES = ("pending", "accepted", "refused")


@tracked("login_invitation_event")
class LoginInvitation(models.Model):
    """Somebody is asked to join a customer, by a secret sent to their address.

    ``account_ids`` counts where ``has_all_accounts`` is false. Its secret is hashed; it is good
    once, for whoever has shown the address to be theirs.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="login_invitations")
    email = models.CharField(max_length=254)
    rights = ArrayField(models.CharField(max_length=10, choices=[(r, r) for r in RIGHTS]))
    has_all_accounts = models.BooleanField(default=True)
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Login, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    login = models.OneToOneField(
        Login, models.PROTECT, null=True, blank=True, related_name="invitation"
    )

    class Meta:
        db_table = "login_invitation"
        constraints = [
            not_empty(("email",), "cust_invitation_email"),
            models.CheckConstraint(
                condition=Q(rights__contained_by=list(RIGHTS)) & Q(rights__contains=["view"]),
                name="cust_invitation_rights",
            ),
            models.UniqueConstraint(
                fields=["customer", "email"],
                condition=Q(withdrawn_at__isnull=True, login__isnull=True),
                name="cust_invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.customer}"


@tracked("login_claim_event")
class LoginClaim(models.Model):
    """A login that knows a bill of a customer who has logins already: it waits for one of them."""

    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)
    email = models.CharField(max_length=254)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="login_claims")
    account = models.ForeignKey(Account, models.PROTECT, related_name="login_claims")
    state = models.CharField(
        max_length=8, default="pending", choices=[(s, s) for s in CLAIM_STATES]
    )
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)
    login = models.ForeignKey(Login, models.PROTECT, null=True, blank=True, related_name="claims")

    class Meta:
        db_table = "login_claim"
        constraints = [
            one_of("state", CLAIM_STATES, "cust_claim_state"),
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=Q(state="pending"),
                name="cust_claim_pending_once",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="cust_claim_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} for {self.account}"


class ClaimFailure(models.Model):
    """Wrong claims in a row, by account number or by login (hashed)."""

    key_hash = models.CharField(max_length=64, unique=True)
    failures = models.IntegerField()
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "claim_failure"

    def __str__(self) -> str:
        return f"{self.failures} failures"
