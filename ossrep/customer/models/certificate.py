"""Certificates that free an account, or one premises of it, from taxes."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models

from ossrep.customer.domain.records import EXEMPTIONS
from ossrep.customer.models.account import Account
from ossrep.customer.models.fields import (
    date_range,
    id_range,
    number_check,
    number_field,
    one_of,
    rising,
)
from ossrep.customer.models.premises import Premises
from ossrep.customer.models.tracking import tracked


@tracked("exemption_certificate_event")
class ExemptionCertificate(models.Model):
    """In force over local dates ``[from_date, to_date)``; one premises, or all of an account.

    Of two in force, the one for the premises counts.
    """

    number = number_field()
    account = models.ForeignKey(Account, models.PROTECT, related_name="certificates")
    premises = models.ForeignKey(
        Premises, models.PROTECT, related_name="certificates", null=True, blank=True
    )
    exemption = models.CharField(max_length=30, choices=[(e, e) for e in EXEMPTIONS])
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "exemption_certificate"
        constraints = [
            number_check("cust_certificate_number"),
            one_of("exemption", EXEMPTIONS, "cust_certificate_kind"),
            rising("from_date", "to_date", "cust_certificate_rising"),
            ExclusionConstraint(
                name="cust_certificate_once",
                expressions=[
                    (id_range("account"), "&&"),
                    (id_range("premises", none=0), "&&"),
                    (date_range("from_date", "to_date"), "&&"),
                ],
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.exemption})"
