"""Records of this context as operators' tools and other services read them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from ossrep.meter.models import IntervalDay, MeterPoint, QuarantinedRecord, RegisterUsage


def meter_points() -> QuerySet[MeterPoint]:
    """ESI IDs that have usage."""
    return MeterPoint.objects.all()


def interval_days() -> QuerySet[IntervalDay]:
    """Every revision of every day, without the values themselves."""
    return IntervalDay.objects.select_related("meter_point").defer("wh", "quality")


def interval_days_with_values() -> QuerySet[IntervalDay]:
    """Every revision of every day as it was received."""
    return IntervalDay.objects.select_related("meter_point")


def monthly_usages() -> QuerySet[RegisterUsage]:
    """The market's monthly usage."""
    return RegisterUsage.objects.select_related("meter_point")


def monthly_usages_by_id(keys: Sequence[int]) -> dict[int, RegisterUsage]:
    """Those with these ids, by id."""
    return monthly_usages().in_bulk(keys)


def quarantined_records() -> QuerySet[QuarantinedRecord]:
    """What of files was not taken."""
    return QuarantinedRecord.objects.select_related("intake")
