"""Plans and their versions, for operators and other services."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    IntegerField,
    JSONField,
)

from ossrep.infra.web.feeds import PARAMETERS, FeedShape, followed_body
from ossrep.infra.web.records import (
    BY_ID,
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
from ossrep.product.models import ChangedRow
from ossrep.product.models.plan import CUSTOMER_CLASSES, PRODUCT_TYPES
from ossrep.product.queries import records


class OperatorsPlanShape(StrictSerializer):
    """A plan through all its versions."""

    plan_id = IntegerField(source="pk")
    code = CharField()
    brand_id = IntegerField()
    brand_code = CharField(source="brand.code")
    version_count = IntegerField()
    newest_version = IntegerField(allow_null=True)


class PlanVersionHeadShape(StrictSerializer):
    """A published version, without its document."""

    plan_version_id = IntegerField(source="pk")
    plan_code = CharField(source="plan.code")
    version = IntegerField()
    name = CharField()
    brand_id = IntegerField(source="plan.brand_id")
    brand_code = CharField(source="plan.brand.code")
    product_type = ChoiceField(choices=[name for name, _ in PRODUCT_TYPES])
    customer_class = ChoiceField(choices=[name for name, _ in CUSTOMER_CLASSES])
    term_months = IntegerField()
    status = CharField(help_text="published or retired")
    published_at = DateTimeField()
    retired_at = DateTimeField(allow_null=True)
    retired_reason = CharField()


class PlanVersionShape(PlanVersionHeadShape):
    """A published version with its document (docs/formats/plan.md) and the label's prices."""

    document = JSONField()
    efl_prices = JSONField(allow_null=True)


class PlanFilters(RecordFilters):
    """Of plans."""

    code = TextIn(field_name="code", help_text="codes, separated by commas")
    brand_id = django_filters.NumberFilter()


class PlanVersionFilters(RecordFilters):
    """Of versions."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    plan_code = TextIn(field_name="plan__code", help_text="codes, separated by commas")
    brand_id = django_filters.NumberFilter(field_name="plan__brand_id")
    product_type = django_filters.ChoiceFilter(choices=PRODUCT_TYPES)
    customer_class = django_filters.ChoiceFilter(choices=CUSTOMER_CLASSES)
    is_retired = django_filters.BooleanFilter(
        field_name="retired_at", lookup_expr="isnull", exclude=True
    )


BY_CODE: Sorts = {**BY_ID, "code": ("code",), "-code": ("-code",)}
BY_PUBLICATION: Sorts = {
    **BY_ID,
    "publishedAt": ("published_at", "pk"),
    "-publishedAt": ("-published_at", "-pk"),
}


class OperatorsPlansView(RecordsView):
    """All plans."""

    records = records.plans
    shape = OperatorsPlanShape
    filters = PlanFilters
    sorts = BY_CODE

    @extend_schema(
        operation_id="listPlansOfAllBrands",
        summary="Plans",
        parameters=list_parameters(PlanFilters, BY_CODE),
        responses=page_of(OperatorsPlanShape),
    )
    def get(self, request: Request) -> Response:
        """Plans with the number of their versions."""
        return self.listed(request)


class PlanVersionsView(RecordsView):
    """All published versions."""

    records = records.plan_version_heads
    shape = PlanVersionHeadShape
    filters = PlanVersionFilters
    sorts = BY_PUBLICATION

    @extend_schema(
        operation_id="listPlanVersions",
        summary="Plan versions, without their documents",
        parameters=list_parameters(PlanVersionFilters, BY_PUBLICATION),
        responses=page_of(PlanVersionHeadShape),
    )
    def get(self, request: Request) -> Response:
        """Versions, retired ones too."""
        return self.listed(request)


class PlanVersionView(RecordView):
    """One version."""

    records = records.plan_versions
    shape = PlanVersionShape

    @extend_schema(
        operation_id="getPlanVersion",
        summary="One plan version with its document",
        responses=PlanVersionShape,
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The version, or 404."""
        return self.shown(request, record_id)


class ChangedPlanVersionShape(StrictSerializer):
    """A version that was published or retired."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = PlanVersionHeadShape(allow_null=True)


class PlanVersionFeedShape(FeedShape):
    """Changed versions."""

    items = ChangedPlanVersionShape(many=True)


class ChangedPlanVersionsView(InternalView):
    """Versions published or retired since."""

    @extend_schema(
        operation_id="listChangedPlanVersions",
        summary="Plan versions changed since",
        parameters=PARAMETERS,
        responses=PlanVersionFeedShape,
    )
    def get(self, request: Request) -> Response:
        """Changed versions, in order."""

        def shown(keys: Any) -> dict[int, Any]:
            found = records.plan_versions_by_id(keys)
            return {key: PlanVersionHeadShape(row).data for key, row in found.items()}

        body = followed_body(request, ChangedRow, resource="plan-version", records=shown)
        return Response(body)
