"""Taxes as data: what the state's law sets, places, and the local taxes of each place, dated."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q


class LawRateKind(models.IntegerChoices):
    """What the law sets one rate for."""

    PUC = 1, "PUC assessment"
    STATE_SALES = 2, "state sales tax"
    GROSS_RECEIPTS = 3, "gross receipts tax of cities"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "law_rate_event"},
)
class LawRate(models.Model):
    """A rate of the state's law, exact as ``numerator / denominator``, in ``[from, to)``.

    ``above_population`` is the tier of the gross receipts tax, 0 for the other kinds. No two rows
    of a kind and tier share a day (``law_rate_once_a_day``).
    """

    kind = models.SmallIntegerField(choices=LawRateKind.choices)
    above_population = models.IntegerField(default=0)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True, default="")

    class Meta:
        db_table = "law_rate"
        ordering = ["kind", "above_population", "from_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(numerator__gte=0)
                & Q(denominator__gt=0)
                & Q(numerator__lte=models.F("denominator")),
                name="law_rate_fraction",
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gt=models.F("from_date")),
                name="law_rate_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.numerator}/{self.denominator}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "tax_place_event"},
)
class TaxPlace(models.Model):
    """A city, or what lies outside of one (``population`` null): where taxes are alike."""

    code = models.CharField(max_length=40, unique=True)
    name = models.TextField()
    population = models.IntegerField(null=True, blank=True)

    class Meta:
        db_table = "tax_place"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(population__isnull=True) | Q(population__gte=0),
                name="tax_place_population",
            )
        ]

    def __str__(self) -> str:
        return self.name


class LocalTax(models.Model):
    """A local sales tax of a place; its dated rows say what it is. ``position`` is printed order.

    The order decides which of a place's taxes takes the residual cent.
    """

    place = models.ForeignKey(TaxPlace, models.PROTECT, related_name="local_taxes")
    code = models.CharField(max_length=64)
    position = models.SmallIntegerField()

    class Meta:
        db_table = "local_tax"
        ordering = ["place", "position"]
        constraints = [
            models.UniqueConstraint(fields=["place", "code"], name="local_tax_once"),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "local_tax_rate_event"},
)
class LocalTaxRate(models.Model):
    """What a local tax was for bills whose period begins in ``[from_date, to_date)``.

    ``rate`` is a fraction of the base; ``residential`` where it reaches homes too. No two rows of
    a tax share a day (``local_tax_rate_once_a_day``).
    """

    tax = models.ForeignKey(LocalTax, models.PROTECT, related_name="rates")
    label = models.TextField()
    rate = models.DecimalField(max_digits=12, decimal_places=10)
    residential = models.BooleanField()
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "local_tax_rate"
        ordering = ["tax", "from_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0) & Q(rate__lte=1), name="local_tax_rate_fraction"
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gt=models.F("from_date")),
                name="local_tax_rate_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.rate.normalize():f}"
