"""The market's work queue: what waits for a person, assigning it, and saying what was done."""

from __future__ import annotations

from collections.abc import Sequence

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateTimeField,
    DecimalField,
    IntegerField,
    ListField,
)

from ossrep.infra.auth.rest import subject_of
from ossrep.infra.web.bulk import BULK_MAX, OutcomesShape, in_bulk
from ossrep.infra.web.records import (
    BY_ID,
    ID_MAX,
    NumberIn,
    RecordFilters,
    RecordsView,
    RecordView,
    Sorts,
    list_parameters,
    page_of,
)
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.kernel import clock
from ossrep.market.models import WorkItemState
from ossrep.market.queries import records
from ossrep.market.usecases.work_items import assign_work_items, resolve_work_items


class MarketNoteShape(StrictSerializer):
    """What somebody said about it."""

    written_by = CharField()
    text = CharField()
    written_at = DateTimeField()


class MarketWorkItemShape(StrictSerializer):
    """One matter for a person; ``textToSend`` goes out by ``sendVia``."""

    work_item_id = IntegerField(source="pk")
    kind = CharField()
    key = CharField()
    title = CharField()
    text = CharField()
    send_via = CharField()
    text_to_send = CharField()
    esi_id = CharField()
    tdsp_code = CharField()
    reference = CharField()
    money_at_risk_usd = DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    state = ChoiceField(choices=WorkItemState.choices)
    assignee = CharField()
    opened_at = DateTimeField()
    due_at = DateTimeField(allow_null=True)
    resolved_at = DateTimeField(allow_null=True)
    resolved_by = CharField()
    resolution = CharField()
    notes = MarketNoteShape(many=True)


class MarketWorkItemFilters(RecordFilters):
    """Of the queue."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    state = django_filters.ChoiceFilter(choices=WorkItemState.choices)
    kind = django_filters.CharFilter()
    esi_id = django_filters.CharFilter()
    tdsp_code = django_filters.CharFilter()
    assignee = django_filters.CharFilter()
    due_before = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")


BY_OPENING: Sorts = {
    **BY_ID,
    "openedAt": ("opened_at", "pk"),
    "-openedAt": ("-opened_at", "-pk"),
}


class MarketWorkItemsView(RecordsView):
    """The queue."""

    records = records.work_items
    shape = MarketWorkItemShape
    filters = MarketWorkItemFilters
    sorts = BY_OPENING

    @extend_schema(
        operation_id="listMarketWorkItems",
        summary="The market's work queue",
        parameters=list_parameters(MarketWorkItemFilters, BY_OPENING),
        responses=page_of(MarketWorkItemShape),
    )
    def get(self, request: Request) -> Response:
        """Matters with their notes, settled ones too."""
        return self.listed(request)


class MarketWorkItemView(RecordView):
    """One matter."""

    records = records.work_items
    shape = MarketWorkItemShape

    @extend_schema(
        operation_id="getMarketWorkItem", summary="One matter", responses=MarketWorkItemShape
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The matter with its notes, or 404."""
        return self.shown(request, record_id)


def _ids() -> ListField:
    return ListField(
        child=IntegerField(min_value=1, max_value=ID_MAX), min_length=1, max_length=BULK_MAX
    )


class ResolutionsBody(StrictSerializer):
    """Which matters are settled, and what was done."""

    work_item_ids = _ids()
    resolution = CharField(max_length=2_000)


class ResolutionsView(InternalView):
    """Settling."""

    @extend_schema(
        operation_id="resolveMarketWorkItems",
        summary="Settle matters of the market's work queue",
        request=ResolutionsBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each of the ids."""
        body = ResolutionsBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data

        def work(item_ids: Sequence[int]) -> None:
            resolve_work_items(
                item_ids=item_ids,
                resolution=wanted["resolution"],
                resolved_by=subject_of(request),
                now=clock.now(),
            )

        return Response(in_bulk(wanted["work_item_ids"], work))


class AssignmentsBody(StrictSerializer):
    """Who takes which matters."""

    work_item_ids = _ids()
    assignee = CharField(max_length=200, allow_blank=True)


class AssignmentsView(InternalView):
    """Assigning."""

    @extend_schema(
        operation_id="assignMarketWorkItems",
        summary="Give matters to somebody, or back to all with an empty name",
        request=AssignmentsBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each of the ids."""
        body = AssignmentsBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data

        def work(item_ids: Sequence[int]) -> None:
            assign_work_items(item_ids=item_ids, assignee=wanted["assignee"])

        return Response(in_bulk(wanted["work_item_ids"], work))
