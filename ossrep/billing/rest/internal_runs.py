"""Bill runs and their items, for operators."""

from __future__ import annotations

from http import HTTPStatus

import django_filters
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DecimalField,
    IntegerField,
    ListField,
)

from ossrep.billing.models import ItemKind, ItemState, RunKind, RunState
from ossrep.billing.queries import records
from ossrep.billing.queries.run_status import get_run_status
from ossrep.billing.usecases.plan_run import RunOrder, plan_run
from ossrep.infra.auth.rest import subject_of
from ossrep.infra.web.paging import cursor_page
from ossrep.infra.web.records import (
    RecordFilters,
    RecordsView,
    RecordView,
    Sorts,
    filtered,
    list_parameters,
    order_of,
    page_of,
)
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.kernel.identifiers import BillRunId

ACCOUNTS_MAX = 10_000
NEWEST_FIRST: Sorts = {"-id": ("-pk",), "id": ("pk",)}


class RunShape(StrictSerializer):
    """A run as it was ordered."""

    run_id = IntegerField(source="pk")
    kind = ChoiceField(choices=RunKind.choices)
    read_cycle = CharField(allow_null=True)
    as_of = DateField()
    issue_date = DateField()
    state = ChoiceField(choices=RunState.choices)
    wave = IntegerField()
    requested_by = CharField()
    reason = CharField()
    created_at = DateTimeField()
    finished_at = DateTimeField(allow_null=True)


class RunStatusShape(StrictSerializer):
    """How far a run has come, and its totals."""

    run_id = IntegerField()
    kind = CharField()
    read_cycle = CharField(allow_null=True)
    as_of = DateField()
    state = CharField()
    chunks = IntegerField()
    chunks_done = IntegerField()
    planned = IntegerField()
    billed = IntegerField()
    held = IntegerField()
    skipped = IntegerField()
    lines = IntegerField()
    import_wh = IntegerField()
    charges_usd = DecimalField(max_digits=18, decimal_places=2)
    tax_usd = DecimalField(max_digits=18, decimal_places=2)
    created_at = DateTimeField()
    finished_at = DateTimeField(allow_null=True)


class RunItemShape(StrictSerializer):
    """One bill due; the invoice made of it has the item's id."""

    item_id = IntegerField(source="pk")
    account_id = IntegerField()
    kind = CharField(source="get_kind_display")
    period_start = DateField()
    period_end = DateField()
    number = CharField()
    state = ChoiceField(choices=ItemState.choices)
    reason_code = CharField()
    has_more = BooleanField()
    contract_ids = ListField(child=IntegerField())


class RunFilters(RecordFilters):
    """Of runs."""

    kind = django_filters.ChoiceFilter(choices=RunKind.choices)
    state = django_filters.ChoiceFilter(choices=RunState.choices)
    read_cycle = django_filters.CharFilter()
    as_of = django_filters.DateFilter()


class RunItemFilters(RecordFilters):
    """Of a run's items."""

    account_id = django_filters.NumberFilter()
    kind = django_filters.ChoiceFilter(choices=ItemKind.choices)
    state = django_filters.ChoiceFilter(choices=ItemState.choices)
    reason_code = django_filters.CharFilter()


class RunBody(StrictSerializer):
    """What to bill; without accounts all, without a cycle all cycles."""

    as_of = DateField()
    read_cycle = CharField(required=False, allow_null=True, max_length=4)
    issue_date = DateField(required=False, allow_null=True)
    account_numbers = ListField(
        required=False, allow_null=True, child=CharField(max_length=40), max_length=ACCOUNTS_MAX
    )
    reason = CharField(required=False, allow_blank=True, default="", max_length=500)


class RunsView(RecordsView):
    """All runs."""

    records = records.runs
    shape = RunShape
    filters = RunFilters
    sorts = NEWEST_FIRST

    @extend_schema(
        operation_id="listBillRuns",
        summary="Bill runs and reversals, newest first",
        parameters=list_parameters(RunFilters, NEWEST_FIRST),
        responses=page_of(RunShape),
    )
    def get(self, request: Request) -> Response:
        """Runs as they were ordered."""
        return self.listed(request)

    @extend_schema(
        operation_id="startBillRun",
        summary="Plan a bill run and have it worked on",
        request=RunBody,
        responses={202: RunStatusShape},
    )
    def post(self, request: Request) -> Response:
        """The planned run; the same order again joins it while it is open."""
        body = RunBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        order = RunOrder(
            as_of=wanted["as_of"],
            read_cycle=wanted.get("read_cycle"),
            issue_date=wanted.get("issue_date"),
            account_numbers=wanted.get("account_numbers"),
            requested_by=subject_of(request),
            reason=wanted["reason"],
        )
        run_id = plan_run(order=order)
        if settings.CELERY_BROKER_URL:
            # Only here, since Celery takes long to import.
            from ossrep.billing.tasks import send_run

            send_run(run_id)
        status = get_run_status(run_id=run_id)
        return Response(RunStatusShape(status).data, status=HTTPStatus.ACCEPTED)


class RunView(RecordView):
    """One run."""

    records = records.runs

    @extend_schema(
        operation_id="getBillRun",
        summary="How far a run has come",
        responses=RunStatusShape,
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The run's totals, or 404."""
        run_id = BillRunId(self.found(record_id).pk)
        return Response(RunStatusShape(get_run_status(run_id=run_id)).data)


class RunItemsView(RecordView):
    """A run's items."""

    records = records.runs
    shape = RunItemShape

    @extend_schema(
        operation_id="listBillRunItems",
        summary="The bills of one run",
        parameters=list_parameters(RunItemFilters),
        responses=page_of(RunItemShape),
    )
    def get(self, request: Request, record_id: int) -> Response:
        """Items by id; what was held has its reason."""
        rows = records.run_items(run_id=self.found(record_id).pk)
        page = cursor_page(
            request, filtered(request, rows, RunItemFilters), order=order_of(request)
        )
        shown = self.shape(page.rows, many=True).data
        return Response({"items": shown, "next_cursor": page.next_cursor or None})
