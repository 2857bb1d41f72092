"""Where power is delivered, and the meters there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ossrep.customer.models.fields import not_empty, number_check, number_field, rising, text
from ossrep.customer.models.tracking import tracked


@tracked("premises_event")
class Premises(models.Model):
    """A place with one ESI ID. Tenants come and go; their contracts tell who had it when."""

    number = number_field()
    esi_id = models.CharField("ESI ID", max_length=22, unique=True)
    tdsp_code = models.CharField("TDSP", max_length=20)
    read_cycle = models.CharField(max_length=4)
    rate_class = models.CharField(max_length=40)
    service_line1 = models.CharField(max_length=100)
    service_line2 = text()
    service_city = models.CharField(max_length=60)
    service_state = models.CharField(max_length=2, default="TX")
    service_zip = models.CharField(max_length=10)
    county = text(60)
    tax_place = models.CharField(max_length=40)

    class Meta:
        db_table = "premises"
        verbose_name_plural = "premises"
        constraints = [
            number_check("cust_premises_number"),
            models.CheckConstraint(
                condition=Q(esi_id__regex=r"^([0-9]{17}|[0-9]{22})$"), name="cust_premises_esi_id"
            ),
            models.CheckConstraint(
                condition=Q(read_cycle__regex=r"^([0-9]{2}|[A-Z0-9]{2,4})$"),
                name="cust_premises_read_cycle",
            ),
            not_empty(
                (
                    "tdsp_code",
                    "rate_class",
                    "service_line1",
                    "service_city",
                    "service_state",
                    "service_zip",
                    "tax_place",
                ),
                "cust_premises_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["read_cycle"], name="cust_premises_cycle"),
            models.Index(fields=["service_zip"], name="cust_premises_zip"),
        ]

    def __str__(self) -> str:
        return f"{self.service_line1}, {self.service_city} ({self.esi_id})"

    @property
    def address(self) -> str:
        """The service address on one line."""
        street = " ".join(filter(None, (self.service_line1, self.service_line2)))
        return f"{street}, {self.service_city}, {self.service_state} {self.service_zip}"


@tracked("meter_event")
class Meter(models.Model):
    """A meter at a premises over local dates ``[installed_date, removed_date)``."""

    premises = models.ForeignKey(Premises, models.PROTECT, related_name="meters")
    number = models.CharField(max_length=40)
    installed_date = models.DateField()
    removed_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "meter"
        constraints = [
            number_check("cust_meter_number"),
            models.UniqueConstraint(fields=["premises", "number"], name="cust_meter_once"),
            rising("installed_date", "removed_date", "cust_meter_rising"),
        ]
        indexes = [models.Index(fields=["number"], name="cust_meter_by_number")]

    def __str__(self) -> str:
        return self.number
