"""Usage as it is stored: meter points, days with all their revisions, the market's months."""

from __future__ import annotations

from typing import Any

import django_filters
import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    IntegerField,
    ListField,
)

from ossrep.infra.web.feeds import PARAMETERS, FeedShape, feed_page, followed_body
from ossrep.infra.web.records import (
    RecordFilters,
    RecordsView,
    Sorts,
    TextIn,
    list_parameters,
    page_of,
    refused,
)
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.meter.models import ChangedRow, IntervalDay
from ossrep.meter.models.interval_day import DIRECTIONS, SOURCES
from ossrep.meter.queries import records
from ossrep.published.meter import MISSING_WH


class MeterPointShape(StrictSerializer):
    """An ESI ID that has usage."""

    meter_point_id = IntegerField(source="pk")
    esi_id = CharField()
    first_export_date = DateField(allow_null=True)
    created_at = DateTimeField()


class IntervalDayShape(StrictSerializer):
    """One revision of a day; the one that counts is the highest with ``becameCurrent``."""

    interval_day_id = IntegerField(source="pk")
    esi_id = CharField(source="meter_point.esi_id")
    date = DateField()
    direction = CharField(source="get_direction_display")
    revision = IntegerField()
    became_current = BooleanField()
    source = CharField(source="get_source_display")  # type: ignore[assignment]
    source_time = DateTimeField()
    received_at = DateTimeField()
    missing_intervals = IntegerField()
    estimated_intervals = IntegerField()
    total_wh = IntegerField()
    peak_wh = IntegerField()


class _QuarterHoursField(ListField):
    """The stored values of a day as a list: 96,000 of them in one answer are no fields."""

    child = IntegerField(allow_null=True)

    def to_representation(self, data: Any) -> list[int | None]:
        """Null where a value is missing."""
        values: list[int] = np.frombuffer(data, dtype="<i4").tolist()
        return [None if value == MISSING_WH else value for value in values]


class _LettersField(CharField):
    """The stored letters as text."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).decode()


class IntervalDayValuesShape(IntervalDayShape):
    """A revision with its values, in Wh, null where missing, from the day's first quarter hour on.

    ``quality`` has a letter for each, or one for all: A actual, E estimated by the sender, L from
    like days, I interpolated, P from a profile, M missing.
    """

    wh = _QuarterHoursField()
    quality = _LettersField()


class MonthlyUsageShape(StrictSerializer):
    """The market's usage of local dates ``[start, end)``."""

    monthly_usage_id = IntegerField(source="pk")
    esi_id = CharField(source="meter_point.esi_id")
    start_date = DateField()
    end_date = DateField()
    import_wh = IntegerField()
    export_wh = IntegerField()
    peak_w = IntegerField(allow_null=True)
    is_estimated = BooleanField()
    is_final = BooleanField()
    source_reference = CharField()
    received_at = DateTimeField()


class MeterPointFilters(RecordFilters):
    """Of meter points."""

    esi_id = TextIn(field_name="esi_id", help_text="ESI IDs, separated by commas")


class IntervalDayFilters(RecordFilters):
    """Of days; an ESI ID is needed."""

    esi_id = django_filters.CharFilter(field_name="meter_point__esi_id", help_text="needed")
    date_from = django_filters.DateFilter(field_name="date", lookup_expr="gte")
    date_to = django_filters.DateFilter(
        field_name="date", lookup_expr="lt", help_text="first day that is not wanted"
    )
    direction = django_filters.ChoiceFilter(choices=DIRECTIONS)
    source = django_filters.ChoiceFilter(choices=SOURCES)
    became_current = django_filters.BooleanFilter()


class MonthlyUsageFilters(RecordFilters):
    """Of the market's months."""

    esi_id = TextIn(field_name="meter_point__esi_id", help_text="ESI IDs, separated by commas")
    ends_after = django_filters.DateFilter(field_name="end_date", lookup_expr="gt")
    is_final = django_filters.BooleanFilter()


BY_DATE: Sorts = {"date": ("date", "pk"), "-date": ("-date", "-pk")}


class MeterPointsView(RecordsView):
    """All meter points."""

    records = records.meter_points
    shape = MeterPointShape
    filters = MeterPointFilters

    @extend_schema(
        operation_id="listMeterPoints",
        summary="ESI IDs that have usage",
        parameters=list_parameters(MeterPointFilters),
        responses=page_of(MeterPointShape),
    )
    def get(self, request: Request) -> Response:
        """Meter points."""
        return self.listed(request)


class IntervalDaysView(RecordsView):
    """Days of one ESI ID."""

    records = records.interval_days
    shape = IntervalDayShape
    filters = IntervalDayFilters
    sorts = BY_DATE

    @extend_schema(
        operation_id="listIntervalDays",
        summary="Stored days of an ESI ID, every revision",
        parameters=list_parameters(IntervalDayFilters, BY_DATE),
        responses=page_of(IntervalDayShape),
    )
    def get(self, request: Request) -> Response:
        """Days without their quarter hours; those come by the published service in columns."""
        if not request.query_params.get("esiId"):
            # Without it the question is for the whole table of interval days.
            raise refused("esiId", "required", "Name an ESI ID.")
        return self.listed(request)


class MonthlyUsagesView(RecordsView):
    """The market's months."""

    records = records.monthly_usages
    shape = MonthlyUsageShape
    filters = MonthlyUsageFilters

    @extend_schema(
        operation_id="listMonthlyUsages",
        summary="The market's monthly usage",
        parameters=list_parameters(MonthlyUsageFilters),
        responses=page_of(MonthlyUsageShape),
    )
    def get(self, request: Request) -> Response:
        """Months as the market sent them."""
        return self.listed(request)


class ChangedIntervalDayShape(StrictSerializer):
    """A revision that came; none is ever deleted."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = IntervalDayValuesShape()


class IntervalDayFeedShape(FeedShape):
    """New revisions."""

    items = ChangedIntervalDayShape(many=True)


class ChangedIntervalDaysView(InternalView):
    """Days that came since."""

    @extend_schema(
        operation_id="listChangedIntervalDays",
        summary="Interval days received since, with their values",
        parameters=PARAMETERS,
        responses=IntervalDayFeedShape,
    )
    def get(self, request: Request) -> Response:
        """New revisions, in order; each comes once, for none ever changes."""
        page = feed_page(request, records.interval_days_with_values())
        return Response(page.body(_new_day))


def _new_day(row: IntervalDay) -> dict[str, Any]:
    return {"id": row.pk, "is_deleted": False, "record": IntervalDayValuesShape(row).data}


class ChangedMonthlyUsageShape(StrictSerializer):
    """A month that came."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = MonthlyUsageShape(allow_null=True)


class MonthlyUsageFeedShape(FeedShape):
    """New months."""

    items = ChangedMonthlyUsageShape(many=True)


class ChangedMonthlyUsagesView(InternalView):
    """Months that came since."""

    @extend_schema(
        operation_id="listChangedMonthlyUsages",
        summary="Monthly usage received since",
        parameters=PARAMETERS,
        responses=MonthlyUsageFeedShape,
    )
    def get(self, request: Request) -> Response:
        """New months, in order."""

        def shown(keys: Any) -> dict[int, Any]:
            found = records.monthly_usages_by_id(keys)
            return {key: MonthlyUsageShape(row).data for key, row in found.items()}

        body = followed_body(request, ChangedRow, resource="monthly-usage", records=shown)
        return Response(body)
