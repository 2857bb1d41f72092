"""Validation: what each rule allows, which rules with which limits judged, and what they found."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from ossrep.meter.models.interval_day import DIRECTIONS
from ossrep.meter.models.meter_point import MeterPoint


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "vee_threshold_event"},
)
class VeeThreshold(models.Model):
    """A number that a rule compares with, for all meter points or for one of its own."""

    rule = models.CharField(max_length=20)
    name = models.CharField(max_length=30)
    meter_point = models.ForeignKey(
        MeterPoint, models.PROTECT, related_name="vee_thresholds", null=True, blank=True
    )
    value = models.BigIntegerField()

    class Meta:
        db_table = "vee_threshold"
        verbose_name = "VEE threshold"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "name", "meter_point"],
                nulls_distinct=False,
                name="meter_vee_threshold_once",
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=0), name="meter_vee_threshold_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}.{self.name}"


class VeeRuleset(models.Model):
    """The rules, their versions and all thresholds, as they stood together; never changes."""

    id = models.AutoField(primary_key=True)
    digest = models.UUIDField(unique=True)
    rules = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "vee_ruleset"
        verbose_name = "VEE ruleset"

    def __str__(self) -> str:
        return f"ruleset {self.pk}"


class VeeResult(models.Model):
    """A rule that a day (or a register's period) did not pass; rows never change.

    ``measured`` and ``allowed`` are in the rule's own unit; ``first_interval`` counts from 0,
    -1 where the whole day is meant. ``revision`` 0 means that the day has no values at all.
    """

    meter_point = models.ForeignKey(MeterPoint, models.PROTECT, related_name="vee_results")
    date = models.DateField()
    end_date = models.DateField()
    direction = models.SmallIntegerField(choices=DIRECTIONS)
    revision = models.SmallIntegerField()
    ruleset = models.ForeignKey(VeeRuleset, models.PROTECT, related_name="results")
    rule = models.CharField(max_length=20)
    rule_version = models.SmallIntegerField()
    first_interval = models.SmallIntegerField()
    measured = models.BigIntegerField()
    allowed = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        db_table = "vee_result"
        verbose_name = "VEE result"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "meter_point",
                    "date",
                    "end_date",
                    "direction",
                    "revision",
                    "rule",
                    "ruleset",
                    "measured",
                ],
                name="meter_vee_result_once",
            )
        ]
        indexes = [models.Index(fields=["date", "rule"], name="meter_vee_result_day")]

    def __str__(self) -> str:
        return f"{self.date} {self.rule}"


class LoadProfile(models.Model):
    """The usual shape of a day: relative use of 96 quarter hours; estimates use it."""

    code = models.CharField(max_length=30)
    is_weekend = models.BooleanField()
    shape = ArrayField(models.IntegerField(), size=96)

    class Meta:
        db_table = "load_profile"
        constraints = [
            models.UniqueConstraint(fields=["code", "is_weekend"], name="meter_load_profile_once"),
            models.CheckConstraint(
                condition=models.Q(shape__len=96), name="meter_load_profile_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {'weekend' if self.is_weekend else 'weekday'}"
