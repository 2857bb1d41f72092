"""Whether a customer wants to hear of offers, by channel."""

from __future__ import annotations

from django.db import models

from ossrep.customer.domain.portal_status import CHANNELS
from ossrep.customer.models.customer import Customer
from ossrep.customer.models.fields import one_of
from ossrep.customer.models.tracking import tracked


@tracked("contact_consent_event")
class ContactConsent(models.Model):
    """The customer's last word on one channel; without a row it was never given.

    Bills, notices and answers are no offers and need none. History says who decided when.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    is_given = models.BooleanField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "contact_consent"
        constraints = [
            one_of("channel", CHANNELS, "cust_contact_consent_channel"),
            models.UniqueConstraint(
                fields=["customer", "channel"], name="cust_contact_consent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {'yes' if self.is_given else 'no'}"
