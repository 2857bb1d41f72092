"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.billing.rest import internal_urls
from ossrep.billing.rest.customer_bills import BillPdfView, BillsView, BillView
from ossrep.billing.rest.customer_money import BalanceView, PaymentsView
from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route

answer_with(
    statuses={
        "unknown_account": HTTPStatus.NOT_FOUND,
        "unknown_invoice": HTTPStatus.NOT_FOUND,
    }
)

_ACCOUNT = "api/v1/me/accounts/<int:account_id>"
_INVOICE = "api/v1/me/invoices/<int:invoice_id>"
EXTERNAL: Sequence[Route] = [
    path(f"{_ACCOUNT}/invoices", BillsView.as_view(), name="billing-my-invoices"),
    path(f"{_ACCOUNT}/balance", BalanceView.as_view(), name="billing-my-balance"),
    path(f"{_ACCOUNT}/payments", PaymentsView.as_view(), name="billing-my-payments"),
    path(_INVOICE, BillView.as_view(), name="billing-my-invoice"),
    path(f"{_INVOICE}/pdf", BillPdfView.as_view(), name="billing-my-invoice-pdf"),
]
INTERNAL: Sequence[Route] = [*internal_urls.ROUTES]
