"""What of interval files was not taken, and what a person decides about it."""

from __future__ import annotations

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    IntegerField,
    ListField,
)

from ossrep.infra.web.records import (
    ID_MAX,
    IDS_MAX,
    RecordFilters,
    RecordsView,
    list_parameters,
    page_of,
)
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.kernel import clock
from ossrep.meter.models.intake import QUARANTINE_STATES
from ossrep.meter.queries import records
from ossrep.meter.usecases.decide_quarantine import retry_quarantined


class QuarantinedRecordShape(StrictSerializer):
    """A piece of a file that did not load, with its reason."""

    record_id = IntegerField(source="pk")
    file = CharField()
    first_line = IntegerField()
    last_line = IntegerField()
    esi_id = CharField()
    date = DateField(allow_null=True)
    reason = CharField()
    message = CharField()
    state = ChoiceField(choices=QUARANTINE_STATES)
    attempts = IntegerField()
    created_at = DateTimeField()
    decided_at = DateTimeField(allow_null=True)
    decision = CharField()


class QuarantinedRecordFilters(RecordFilters):
    """Of quarantined records."""

    state = django_filters.ChoiceFilter(choices=[(s, s) for s in QUARANTINE_STATES])
    esi_id = django_filters.CharFilter()
    reason = django_filters.CharFilter()


class QuarantinedRecordsView(RecordsView):
    """All of them."""

    records = records.quarantined_records
    shape = QuarantinedRecordShape
    filters = QuarantinedRecordFilters

    @extend_schema(
        operation_id="listQuarantinedRecords",
        summary="Pieces of interval files that were not taken",
        parameters=list_parameters(QuarantinedRecordFilters),
        responses=page_of(QuarantinedRecordShape),
    )
    def get(self, request: Request) -> Response:
        """Records with their reasons."""
        return self.listed(request)


class RetryBody(StrictSerializer):
    """Which open records to read again."""

    record_ids = ListField(
        child=IntegerField(min_value=1, max_value=ID_MAX), min_length=1, max_length=IDS_MAX
    )


class StillRefusedShape(StrictSerializer):
    """A record that is refused still."""

    record_id = IntegerField()
    message = CharField()


class RetryShape(StrictSerializer):
    """What came of it; files refused as a whole must be imported again."""

    loaded = IntegerField()
    refused = StillRefusedShape(many=True)
    whole_files = ListField(child=CharField())


class RetriesView(InternalView):
    """Reading again."""

    @extend_schema(
        operation_id="retryQuarantinedRecords",
        summary="Read quarantined records again",
        request=RetryBody,
        responses=RetryShape,
    )
    def post(self, request: Request) -> Response:
        """What loaded now, and each that did not with its reason."""
        body = RetryBody(data=request.data)
        body.is_valid(raise_exception=True)
        report = retry_quarantined(
            record_ids=body.validated_data["record_ids"], received_at=clock.now()
        )
        refused = [{"record_id": found, "message": why} for found, why in report.refused]
        return Response(
            {"loaded": report.loaded, "refused": refused, "whole_files": report.whole_files}
        )
