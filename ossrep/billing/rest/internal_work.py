"""What people decide: held bills, and holds on accounts. In bulk, each with its own outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
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
    JSONField,
    ListField,
)

from ossrep.billing.models import ChangedRow, WorkItemStatus
from ossrep.billing.queries import records
from ossrep.billing.usecases.decide_work_items import dismiss_work_items, release_work_items
from ossrep.billing.usecases.hold_accounts import hold_accounts, lift_holds
from ossrep.infra.auth.rest import subject_of
from ossrep.infra.web.bulk import BULK_MAX, OutcomesShape, in_bulk
from ossrep.infra.web.feeds import PARAMETERS, FeedShape, followed_body
from ossrep.infra.web.records import (
    BY_ID,
    ID_MAX,
    NumberIn,
    RecordFilters,
    RecordsView,
    RecordView,
    Sorts,
    TextIn,
    list_parameters,
    page_of,
)
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView


class BillingWorkItemShape(StrictSerializer):
    """A bill that was held: which, why, and what was decided."""

    work_item_id = IntegerField(source="pk")
    run_id = IntegerField(allow_null=True)
    account_id = IntegerField()
    account_number = CharField()
    esi_id = CharField()
    period_start = DateField()
    period_end = DateField()
    reason_code = CharField()
    message = CharField()
    details = JSONField()
    money_at_risk_usd = DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    status = CharField(help_text="open, released, resolved or dismissed")
    note = CharField()
    decided_by = CharField()
    created_at = DateTimeField()
    decided_at = DateTimeField(allow_null=True)


class HoldShape(StrictSerializer):
    """A person's order not to bill an account."""

    hold_id = IntegerField(source="pk")
    account_id = IntegerField()
    account_number = CharField()
    reason = CharField()
    placed_by = CharField()
    placed_at = DateTimeField()
    lifted_by = CharField()
    lifted_at = DateTimeField(allow_null=True)


class BillingWorkItemFilters(RecordFilters):
    """Of held bills."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    status = django_filters.ChoiceFilter(choices=WorkItemStatus.choices)
    reason_code = django_filters.CharFilter()
    account_id = django_filters.NumberFilter()
    account_number = django_filters.CharFilter()
    run_id = django_filters.NumberFilter()


class HoldFilters(RecordFilters):
    """Of holds."""

    account_number = TextIn(field_name="account_number", help_text="separated by commas")
    is_lifted = django_filters.BooleanFilter(
        field_name="lifted_at", lookup_expr="isnull", exclude=True
    )


BY_CREATION: Sorts = {
    **BY_ID,
    "createdAt": ("created_at", "pk"),
    "-createdAt": ("-created_at", "-pk"),
}


class BillingWorkItemsView(RecordsView):
    """All held bills."""

    records = records.work_items
    shape = BillingWorkItemShape
    filters = BillingWorkItemFilters
    sorts = BY_CREATION

    @extend_schema(
        operation_id="listHeldBills",
        summary="Bills that were held",
        parameters=list_parameters(BillingWorkItemFilters, BY_CREATION),
        responses=page_of(BillingWorkItemShape),
    )
    def get(self, request: Request) -> Response:
        """Work items, decided ones too."""
        return self.listed(request)


class BillingWorkItemView(RecordView):
    """One held bill."""

    records = records.work_items
    shape = BillingWorkItemShape

    @extend_schema(
        operation_id="getHeldBill", summary="One held bill", responses=BillingWorkItemShape
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The work item, or 404."""
        return self.shown(request, record_id)


class DecisionsBody(StrictSerializer):
    """``release`` bills them as they are, ``dismiss`` closes them without a bill."""

    decision = ChoiceField(choices=["release", "dismiss"])
    work_item_ids = ListField(
        child=IntegerField(min_value=1, max_value=ID_MAX), min_length=1, max_length=BULK_MAX
    )
    note = CharField(max_length=500)


class DecisionsView(InternalView):
    """Deciding on held bills."""

    @extend_schema(
        operation_id="decideHeldBills",
        summary="Release or dismiss held bills",
        request=DecisionsBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each of the ids."""
        body = DecisionsBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        decide = release_work_items if wanted["decision"] == "release" else dismiss_work_items

        def work(item_ids: Sequence[int]) -> None:
            decide(item_ids=item_ids, note=wanted["note"], decided_by=subject_of(request))

        return Response(in_bulk(wanted["work_item_ids"], work))


class HoldsBody(StrictSerializer):
    """Accounts not to be billed, and why."""

    account_numbers = ListField(child=CharField(max_length=40), min_length=1, max_length=BULK_MAX)
    reason = CharField(max_length=500)


class HoldsView(RecordsView):
    """Holds on accounts."""

    records = records.holds
    shape = HoldShape
    filters = HoldFilters

    @extend_schema(
        operation_id="listHolds",
        summary="Holds on accounts",
        parameters=list_parameters(HoldFilters),
        responses=page_of(HoldShape),
    )
    def get(self, request: Request) -> Response:
        """Holds, lifted ones too."""
        return self.listed(request)

    @extend_schema(
        operation_id="holdAccounts",
        summary="Stop the billing of accounts",
        request=HoldsBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each of the numbers."""
        body = HoldsBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data

        def work(numbers: Sequence[str]) -> None:
            hold_accounts(
                account_numbers=numbers, reason=wanted["reason"], placed_by=subject_of(request)
            )

        return Response(in_bulk(wanted["account_numbers"], work))


class LiftsBody(StrictSerializer):
    """Accounts to be billed again."""

    account_numbers = ListField(child=CharField(max_length=40), min_length=1, max_length=BULK_MAX)


class LiftsView(InternalView):
    """Letting accounts be billed again."""

    @extend_schema(
        operation_id="liftHolds",
        summary="Let accounts be billed again",
        request=LiftsBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each of the numbers."""
        body = LiftsBody(data=request.data)
        body.is_valid(raise_exception=True)

        def work(numbers: Sequence[str]) -> None:
            lift_holds(account_numbers=numbers, lifted_by=subject_of(request))

        return Response(in_bulk(body.validated_data["account_numbers"], work))


class ChangedHeldBillShape(StrictSerializer):
    """A held bill that changed."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = BillingWorkItemShape(allow_null=True)


class HeldBillFeedShape(FeedShape):
    """Changed held bills."""

    items = ChangedHeldBillShape(many=True)


class ChangedHeldBillsView(InternalView):
    """Held bills that changed since."""

    @extend_schema(
        operation_id="listChangedHeldBills",
        summary="Held bills changed since",
        parameters=PARAMETERS,
        responses=HeldBillFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed work items, in order."""

        def shown(keys: Any) -> dict[int, Any]:
            found = records.work_items_by_id(keys)
            return {key: BillingWorkItemShape(row).data for key, row in found.items()}

        return Response(followed_body(request, ChangedRow, resource="work-item", records=shown))
