"""Reference data of the market: who operates it, who owns the wires."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models.functions import Now


class Iso(models.Model):
    """The independent system operator of a market."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    duns = models.CharField(max_length=13, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "iso"
        verbose_name = "ISO"
        verbose_name_plural = "ISOs"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "tdsp_event"},
)
class Tdsp(models.Model):
    """A transmission and distribution service provider: it owns the wires and reads the meters.

    Where no number is known ``duns`` and ``outage_phone`` are empty. ``source`` says where the
    DUNS number was found.
    """

    iso = models.ForeignKey(Iso, on_delete=models.PROTECT, related_name="tdsps")
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    duns = models.CharField("DUNS", max_length=13, blank=True)
    outage_phone = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "tdsp"
        verbose_name = "TDSP"
        verbose_name_plural = "TDSPs"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9_]*$"), name="market_tdsp_code"
            ),
            models.CheckConstraint(
                condition=models.Q(duns="") | models.Q(duns__regex=r"^([0-9]{9}|[0-9]{13})$"),
                name="market_tdsp_duns",
            ),
            models.UniqueConstraint(
                fields=["duns"], condition=~models.Q(duns=""), name="market_tdsp_duns_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "tdsp_alias_event"},
)
class TdspAlias(models.Model):
    """A territory as ERCOT's ESI ID extract names it, and the TDSP whose wires are there."""

    territory = models.CharField(max_length=40, unique=True)
    tdsp = models.ForeignKey(Tdsp, on_delete=models.PROTECT, related_name="aliases")
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "tdsp_alias"
        verbose_name_plural = "TDSP aliases"
        ordering = ["territory"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(territory__regex=r"^[A-Z]([A-Z_]*[A-Z])?$"),
                name="market_tdsp_alias_name",
            ),
        ]

    def __str__(self) -> str:
        return self.territory


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "tdsp_duns_event"},
)
class TdspDuns(models.Model):
    """A DUNS number that a TDSP has or had; without dates where no source says since when.

    ``Tdsp.duns`` is the one in use; files of other years, and other sources, have others.
    """

    tdsp = models.ForeignKey(Tdsp, on_delete=models.PROTECT, related_name="duns_numbers")
    duns = models.CharField("DUNS", max_length=13, unique=True)
    first_date = models.DateField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "tdsp_duns"
        verbose_name = "TDSP DUNS number"
        ordering = ["tdsp", "duns"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(duns__regex="^([0-9]{9}|[0-9]{13})$"), name="market_duns_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(last_date__gte=models.F("first_date")), name="market_duns_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.duns
