"""Who buys, and whom to talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.domain.records import CONTACT_ROLES, CUSTOMER_TYPES
from ossrep.customer.models.fields import not_empty, number_check, number_field, one_of, text
from ossrep.customer.models.tracking import tracked

if TYPE_CHECKING:
    from ossrep.customer.models.account import Account


@tracked("customer_event", but=["created_at"])
class Customer(models.Model):
    """A person or a business. No birth date, no identity numbers: nothing here needs them."""

    number = number_field()
    type = models.CharField(max_length=10, choices=[(t, t) for t in CUSTOMER_TYPES])
    first_name = text()
    last_name = text()
    business_name = text(200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "customer"
        constraints = [
            number_check("cust_customer_number"),
            models.CheckConstraint(
                condition=(Q(type="individual") & ~Q(last_name="") & Q(business_name=""))
                | (Q(type="business") & ~Q(business_name="") & Q(first_name="", last_name="")),
                name="cust_customer_named",
            ),
        ]
        indexes = [
            models.Index(fields=["last_name", "first_name"], name="cust_customer_person"),
            models.Index(fields=["business_name"], name="cust_customer_business"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def name(self) -> str:
        """As documents print it."""
        return self.business_name or f"{self.first_name} {self.last_name}".strip()


@tracked("contact_event")
class Contact(models.Model):
    """Whom to call or write to, for all of a customer or for one account."""

    number = number_field()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    account: models.ForeignKey[Account | None, Account | None] = models.ForeignKey(
        "customer.Account", models.PROTECT, related_name="contacts", null=True, blank=True
    )
    role = models.CharField(max_length=10, choices=[(r, r) for r in CONTACT_ROLES])
    name = models.CharField(max_length=200)
    email = text(254)
    phone = text(40)

    class Meta:
        db_table = "contact"
        constraints = [
            number_check("cust_contact_number"),
            one_of("role", CONTACT_ROLES, "cust_contact_role"),
            not_empty(("name",), "cust_contact_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"
