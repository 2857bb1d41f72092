"""Who sells."""

from __future__ import annotations

import pghistory
from django.db import models


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "brand_event"},
)
class Brand(models.Model):
    """A brand: the legal entity and what documents print of it."""

    code = models.CharField(max_length=30, unique=True)
    legal_name = models.CharField(max_length=120)
    display_name = models.CharField(max_length=120)
    certificate_number = models.CharField(max_length=20)
    duns = models.CharField(max_length=13)
    address_lines = models.JSONField()
    billing_phone = models.CharField(max_length=40)
    billing_hours = models.CharField(max_length=120)
    outage_phones = models.JSONField(default=dict)
    email = models.CharField(max_length=120)
    website = models.CharField(max_length=200)

    class Meta:
        db_table = "brand"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9-]*$"), name="product_brand_code"
            ),
            models.CheckConstraint(
                condition=models.Q(duns__regex=r"^([0-9]{9}|[0-9]{13})$"),
                name="product_brand_duns",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.display_name}"
