"""The routes for operators' tools and other services."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.billing.rest import internal_invoices, internal_runs, internal_work
from ossrep.infra.web.surfaces import Route

_AT = "api/v1/billing"

ROUTES: Sequence[Route] = [
    path(
        f"{_AT}/invoices",
        internal_invoices.InvoicesView.as_view(),
        name="billing-operators-invoices",
    ),
    path(
        f"{_AT}/invoices/<int:record_id>",
        internal_invoices.InvoiceView.as_view(),
        name="billing-operators-invoice",
    ),
    path(f"{_AT}/runs", internal_runs.RunsView.as_view(), name="billing-operators-runs"),
    path(
        f"{_AT}/runs/<int:record_id>",
        internal_runs.RunView.as_view(),
        name="billing-operators-run",
    ),
    path(
        f"{_AT}/runs/<int:record_id>/items",
        internal_runs.RunItemsView.as_view(),
        name="billing-operators-run-items",
    ),
    path(
        f"{_AT}/work-items",
        internal_work.BillingWorkItemsView.as_view(),
        name="billing-operators-work-items",
    ),
    path(
        f"{_AT}/work-items/<int:record_id>",
        internal_work.BillingWorkItemView.as_view(),
        name="billing-operators-work-item",
    ),
    path(
        f"{_AT}/work-items/decisions",
        internal_work.DecisionsView.as_view(),
        name="billing-operators-decisions",
    ),
    path(f"{_AT}/holds", internal_work.HoldsView.as_view(), name="billing-operators-holds"),
    path(f"{_AT}/holds/lifts", internal_work.LiftsView.as_view(), name="billing-operators-lifts"),
    path(
        f"{_AT}/changes/invoices",
        internal_invoices.ChangedInvoicesView.as_view(),
        name="billing-changes-invoices",
    ),
    path(
        f"{_AT}/changes/work-items",
        internal_work.ChangedHeldBillsView.as_view(),
        name="billing-changes-work-items",
    ),
]
