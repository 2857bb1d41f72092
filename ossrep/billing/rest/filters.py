"""What lists of a customer can be narrowed by."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django_filters.filters import ChoiceFilter, DateFilter
from django_filters.filterset import FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from ossrep.billing.models import Invoice, Payment
from ossrep.billing.queries.customer_bills import BillStatus, Standing

CURSOR_PARAMETERS = [
    OpenApiParameter("cursor", str, description="The nextCursor of the answer before."),
    OpenApiParameter("size", int, description="1 to 200 rows; default 20."),
]
SPAN_PARAMETERS = [
    OpenApiParameter("from", dt.date, description="First date."),
    OpenApiParameter("to", dt.date, description="Date after the last."),
]
STATUS_PARAMETER = OpenApiParameter(
    "status",
    str,
    enum=[str(status) for status in BillStatus],
    description="Without it all but reversed ones.",
)


class _BillFilterBase(FilterSet):
    """``status`` needs to know what is open: ``standing`` is set before it is used."""

    standing: Standing

    def by_status(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """As ``Standing.status`` says of one."""
        if value == BillStatus.REVERSED:
            return rows.filter(reversed_on__isnull=False)
        today = self.standing.today
        rows = rows.filter(reversed_on__isnull=True)
        if value == BillStatus.PENDING:
            return rows.filter(issue_date__gt=today)
        rows = rows.filter(issue_date__lte=today)
        if value == BillStatus.PAID:
            return rows.exclude(pk__in=self.standing.open_ids)
        rows = rows.filter(pk__in=self.standing.open_ids)
        if value == BillStatus.OVERDUE:
            return rows.filter(due_date__lt=today)
        return rows.filter(due_date__gte=today)


def _spanned(name: str, field: str, base: type[FilterSet], **filters: Any) -> type[FilterSet]:
    """``from`` is no name of Python's, hence not as a class statement."""
    span = {
        "from": DateFilter(field_name=field, lookup_expr="gte"),
        "to": DateFilter(field_name=field, lookup_expr="lt"),
    }
    return type(name, (base,), {"__module__": __name__, **span, **filters})


_BillFilter = _spanned(
    "BillFilter",
    "issue_date",
    _BillFilterBase,
    status=ChoiceFilter(choices=[(status, status) for status in BillStatus], method="by_status"),
)
_PaymentFilter = _spanned("PaymentFilter", "received_date", FilterSet)


def filter_bills(
    request: Request, rows: QuerySet[Invoice], standing: Standing
) -> QuerySet[Invoice]:
    """Invoices by ``from``, ``to`` (issue date) and ``status``. Raises ValidationError."""
    filters: Any = _BillFilter(request.query_params, queryset=rows)
    filters.standing = standing
    found: QuerySet[Any] = _filtered(filters)
    return found if request.query_params.get("status") else found.filter(reversed_on__isnull=True)


def filter_payments(request: Request, rows: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments by ``from`` and ``to`` (date received). Raises ValidationError."""
    found: QuerySet[Payment] = _filtered(_PaymentFilter(request.query_params, queryset=rows))
    return found


def _filtered(filters: Any) -> Any:
    if not filters.is_valid():
        raise ValidationError(
            {
                name: [ErrorDetail(str(text), code="invalid") for text in texts]
                for name, texts in filters.errors.items()
            }
        )
    return filters.qs
