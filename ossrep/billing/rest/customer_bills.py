"""A customer's own invoices: ``/api/v1/me/accounts/{accountId}/invoices``, ``/me/invoices/…``."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.billing.documents.from_rows import document_of
from ossrep.billing.documents.rendering import invoice_pdf
from ossrep.billing.models import Invoice
from ossrep.billing.queries.customer_bills import Standing, get_bill, get_stored_bill, list_bills
from ossrep.billing.rest.filters import (
    CURSOR_PARAMETERS,
    SPAN_PARAMETERS,
    STATUS_PARAMETER,
    filter_bills,
)
from ossrep.billing.rest.shapes import BillDetailShape, BillsShape, bill_body, bill_detail_body
from ossrep.infra.auth.scope import customer_scope
from ossrep.infra.web.files import PdfRenderer, attachment
from ossrep.infra.web.paging import CursorPage, cursor_page
from ossrep.infra.web.preconditions import is_known, with_etag
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock

NEWEST_FIRST = ("-issue_date", "-id")


class BillsView(ExternalView):
    """``GET /api/v1/me/accounts/{accountId}/invoices?status=&from=&to=&cursor=&size=``"""

    @extend_schema(
        operation_id="listInvoices",
        summary="Invoices of an account, newest first",
        parameters=[STATUS_PARAMETER, *SPAN_PARAMETERS, *CURSOR_PARAMETERS],
        responses=BillsShape,
    )
    def get(self, request: Request, account_id: int) -> Response:
        """Without ``status`` all but reversed ones; the dates are issue dates."""
        scope = customer_scope(request)
        scope.require("view")

        def cut(rows: QuerySet[Invoice], standing: Standing) -> CursorPage:
            return cursor_page(request, filter_bills(request, rows, standing), order=NEWEST_FIRST)

        page, standing = list_bills(
            scope=scope, account_id=account_id, today=clock.market_today(), cut=cut
        )
        return Response(page.body(lambda row: _bill(request, row, standing)))


class BillView(ExternalView):
    """``GET /api/v1/me/invoices/{invoiceId}``"""

    @extend_schema(
        operation_id="getInvoice",
        summary="An invoice with its explained lines",
        responses=BillDetailShape,
    )
    def get(self, request: Request, invoice_id: int) -> Response:
        """Each line says how it came about; the ETag changes when the invoice is paid, too."""
        scope = customer_scope(request)
        scope.require("view")
        bill = get_bill(scope=scope, invoice_id=invoice_id, today=clock.market_today())
        return with_etag(request, bill_detail_body(bill, pdf_url=_pdf_url(request, invoice_id)))


class BillPdfView(ExternalView):
    """``GET /api/v1/me/invoices/{invoiceId}/pdf``"""

    renderer_classes = [PdfRenderer]

    @extend_schema(
        operation_id="downloadInvoice",
        summary="An invoice as it was sent",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, invoice_id: int) -> Response:
        """The same bytes each time; an invoice that was reversed says so."""
        scope = customer_scope(request)
        scope.require("view")
        stored = get_stored_bill(scope=scope, invoice_id=invoice_id)
        content = invoice_pdf(document_of(stored))
        headers = {
            "Cache-Control": "private, no-store",
            "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        }
        if is_known(request, tag=headers["ETag"]):
            return Response(status=304, headers=headers)
        name = f"invoice-{stored.invoice.number}.pdf"
        return Response(content, headers={**headers, **attachment(name)})


def _bill(request: Request, row: Any, standing: Standing) -> dict[str, Any]:
    is_reversed = row.reversed_on is not None
    return bill_body(
        row,
        settlement=standing.settlement(row),
        status=standing.status(row, is_reversed=is_reversed),
        reversed_on=row.reversed_on,
        pdf_url=_pdf_url(request, row.pk),
    )


def _pdf_url(request: Request, invoice_id: int) -> str:
    path = reverse("billing-my-invoice-pdf", kwargs={"invoice_id": invoice_id})
    return request.build_absolute_uri(path)
