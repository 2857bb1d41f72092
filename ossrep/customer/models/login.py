"""Which customer a login of an identity provider belongs to, and what it may do there."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.models.account import Account
from ossrep.customer.models.customer import Customer
from ossrep.customer.models.fields import not_empty
from ossrep.customer.models.tracking import tracked
from ossrep.published.customer import LoginRight

RIGHTS = tuple(right.value for right in LoginRight)


@tracked("login_event")
class Login(models.Model):
    """One subject of one issuer; a business has several. Closed, never deleted.

    ``has_all_accounts``: those to come, too; else only the accounts of its ``LoginAccount`` rows.
    """

    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="logins")
    rights = ArrayField(models.CharField(max_length=10, choices=[(r, r) for r in RIGHTS]))
    has_all_accounts = models.BooleanField(default=True)
    email = models.CharField(max_length=254, blank=True, default="")
    """The address that the token said when it was linked: whom people see in lists."""
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "login"
        constraints = [
            # A subject that comes back after its login was closed may be another customer's.
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=Q(closed_at__isnull=True),
                name="cust_login_once",
            ),
            not_empty(("issuer", "subject"), "cust_login_named"),
            models.CheckConstraint(
                condition=Q(rights__contained_by=list(RIGHTS)) & Q(rights__contains=["view"]),
                name="cust_login_rights",
            ),
            # The target of a foreign key that keeps a login's accounts within its customer.
            models.UniqueConstraint(fields=["id", "customer"], name="cust_login_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"


@tracked("login_account_event")
class LoginAccount(models.Model):
    """An account that a login is held to."""

    login = models.ForeignKey(Login, models.PROTECT, related_name="held_to")
    account = models.ForeignKey(Account, models.PROTECT, related_name="logins_held")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")

    class Meta:
        db_table = "login_account"
        constraints = [
            models.UniqueConstraint(fields=["login", "account"], name="cust_login_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.login} at {self.account}"
