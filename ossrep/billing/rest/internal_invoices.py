"""Invoices with their lines and taxes, for operators and other services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    IntegerField,
    JSONField,
    SerializerMethodField,
)

from ossrep.billing.models import ChangedRow, InvoiceLine
from ossrep.billing.queries import records
from ossrep.infra.web.feeds import PARAMETERS, FeedShape, followed_body
from ossrep.infra.web.preconditions import with_etag
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


def dollars() -> DecimalField:
    """An amount as a decimal string."""
    return DecimalField(max_digits=18, decimal_places=2)


class OperatorsInvoiceShape(StrictSerializer):
    """An invoice's head; amounts are decimal strings of dollars, periods ``[start, end)``."""

    invoice_id = IntegerField(source="pk")
    number = CharField()
    run_id = IntegerField()
    account_id = IntegerField()
    account_number = CharField()
    bill_to_name = CharField()
    brand_id = IntegerField()
    period_start = DateField()
    period_end = DateField()
    issue_date = DateField()
    due_date = DateField()
    previous_balance_usd = dollars()
    payments_usd = dollars()
    adjustments_usd = dollars()
    retailer_usd = dollars()
    delivery_usd = dollars()
    tax_usd = dollars()
    amount_due_usd = dollars()
    import_wh = IntegerField()
    export_wh = IntegerField()
    line_count = IntegerField()
    is_estimated = BooleanField()
    created_at = DateTimeField()


class OperatorsInvoiceLineShape(StrictSerializer):
    """A printed line; the quantity is exact, in the unit beside it."""

    line_no = IntegerField()
    site_no = IntegerField()
    section = CharField(source="template.section")
    kind = CharField(source="template.kind")
    component = CharField(source="template.component")
    bucket = CharField(source="template.bucket", allow_null=True)
    label = CharField(source="template.label")  # type: ignore[assignment]
    quantity = SerializerMethodField()
    unit = CharField(source="template.unit")
    unit_price_usd = DecimalField(
        source="template.unit_price_usd", max_digits=18, decimal_places=8, allow_null=True
    )
    amount_usd = dollars()

    def get_quantity(self, row: InvoiceLine) -> str:
        """Decimal text."""
        return str(Decimal(row.quantity) / row.template.quantity_scale)


class OperatorsInvoiceTaxShape(StrictSerializer):
    """One tax of an invoice; the rate is exact text such as ``1/600``."""

    tax_no = IntegerField()
    code = CharField(source="template.code")
    label = CharField(source="template.label")  # type: ignore[assignment]
    place = CharField(source="template.place")
    rate = CharField(source="template.rate")
    base_usd = dollars()
    amount_usd = dollars()
    retailer_usd = dollars()
    delivery_usd = dollars()


class OperatorsWholeInvoiceShape(OperatorsInvoiceShape):
    """An invoice with its lines, taxes and what it prints."""

    lines = OperatorsInvoiceLineShape(many=True)
    taxes = OperatorsInvoiceTaxShape(many=True)
    snapshot = JSONField()


class InvoiceFilters(RecordFilters):
    """Of invoices."""

    id = NumberIn(field_name="pk", help_text="ids, separated by commas")
    number = TextIn(field_name="number", help_text="numbers, separated by commas")
    run_id = django_filters.NumberFilter()
    account_id = django_filters.NumberFilter()
    account_number = django_filters.CharFilter()
    issued_from = django_filters.DateFilter(field_name="issue_date", lookup_expr="gte")
    issued_before = django_filters.DateFilter(field_name="issue_date", lookup_expr="lt")
    is_estimated = django_filters.BooleanFilter()


BY_ISSUE: Sorts = {
    **BY_ID,
    "issueDate": ("issue_date", "pk"),
    "-issueDate": ("-issue_date", "-pk"),
    "-amountDueUsd": ("-amount_due_usd", "-pk"),
}


class InvoicesView(RecordsView):
    """All invoices."""

    records = records.invoices
    shape = OperatorsInvoiceShape
    filters = InvoiceFilters
    sorts = BY_ISSUE

    @extend_schema(
        operation_id="listInvoiceRecords",
        summary="Invoices",
        parameters=list_parameters(InvoiceFilters, BY_ISSUE),
        responses=page_of(OperatorsInvoiceShape),
    )
    def get(self, request: Request) -> Response:
        """Heads of invoices."""
        return self.listed(request)


class InvoiceView(RecordView):
    """One invoice."""

    records = records.whole_invoices
    shape = OperatorsInvoiceShape

    @extend_schema(
        operation_id="getInvoiceRecord",
        summary="One invoice with its lines and taxes",
        responses=OperatorsWholeInvoiceShape,
    )
    def get(self, request: Request, record_id: int) -> Response:
        """The invoice, or 404."""
        row = self.found(record_id)
        lines = records.lines_of(invoice_id=row.pk)
        taxes = records.taxes_of(invoice_id=row.pk)
        body = {
            **self.shape(row).data,
            "lines": OperatorsInvoiceLineShape(lines, many=True).data,
            "taxes": OperatorsInvoiceTaxShape(taxes, many=True).data,
            "snapshot": row.snapshot,
        }
        return with_etag(request, body)


class ChangedInvoiceShape(StrictSerializer):
    """An invoice that was issued."""

    id = IntegerField()
    is_deleted = BooleanField()
    record = OperatorsInvoiceShape(allow_null=True)


class InvoiceFeedShape(FeedShape):
    """New invoices."""

    items = ChangedInvoiceShape(many=True)


class ChangedInvoicesView(InternalView):
    """Invoices issued since."""

    @extend_schema(
        operation_id="listChangedInvoices",
        summary="Invoices issued since",
        parameters=PARAMETERS,
        responses=InvoiceFeedShape,
    )
    def get(self, request: Request) -> Response:
        """New invoices, in order."""

        def shown(keys: Any) -> dict[int, Any]:
            found = records.invoices_by_id(keys)
            return {key: OperatorsInvoiceShape(row).data for key, row in found.items()}

        return Response(followed_body(request, ChangedRow, resource="invoice", records=shown))
