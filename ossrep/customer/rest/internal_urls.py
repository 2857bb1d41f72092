"""The routes for operators' tools and other services."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from ossrep.customer.rest import (
    internal_accounts,
    internal_contracts,
    internal_customers,
    internal_feeds,
    internal_imports,
    internal_premises,
)
from ossrep.infra.web.surfaces import Route

_AT = "api/v1/customer"

ROUTES: Sequence[Route] = [
    path(
        f"{_AT}/customers",
        internal_customers.CustomersView.as_view(),
        name="customer-operators-customers",
    ),
    path(
        f"{_AT}/customers/<int:record_id>",
        internal_customers.CustomerView.as_view(),
        name="customer-operators-customer",
    ),
    path(
        f"{_AT}/customers/<int:record_id>/contacts",
        internal_customers.ContactsView.as_view(),
        name="customer-operators-contacts",
    ),
    path(
        f"{_AT}/accounts",
        internal_accounts.AccountsView.as_view(),
        name="customer-operators-accounts",
    ),
    path(
        f"{_AT}/accounts/<int:record_id>",
        internal_accounts.AccountView.as_view(),
        name="customer-operators-account",
    ),
    path(
        f"{_AT}/accounts/<int:record_id>/move-outs",
        internal_accounts.MoveOutsView.as_view(),
        name="customer-operators-move-outs",
    ),
    path(
        f"{_AT}/premises",
        internal_premises.PremisesListView.as_view(),
        name="customer-operators-premises-list",
    ),
    path(
        f"{_AT}/premises/<int:record_id>",
        internal_premises.PremisesView.as_view(),
        name="customer-operators-premises",
    ),
    path(f"{_AT}/meters", internal_premises.MetersView.as_view(), name="customer-operators-meters"),
    path(
        f"{_AT}/contracts",
        internal_contracts.ContractsView.as_view(),
        name="customer-operators-contracts",
    ),
    path(
        f"{_AT}/contracts/<int:record_id>",
        internal_contracts.ContractView.as_view(),
        name="customer-operators-contract",
    ),
    path(
        f"{_AT}/contracts/<int:record_id>/cancellations",
        internal_contracts.CancellationsView.as_view(),
        name="customer-operators-cancellations",
    ),
    path(
        f"{_AT}/imports", internal_imports.ImportsView.as_view(), name="customer-operators-imports"
    ),
    path(
        f"{_AT}/changes/customers",
        internal_feeds.ChangedCustomersView.as_view(),
        name="customer-changes-customers",
    ),
    path(
        f"{_AT}/changes/accounts",
        internal_feeds.ChangedAccountsView.as_view(),
        name="customer-changes-accounts",
    ),
    path(
        f"{_AT}/changes/premises",
        internal_feeds.ChangedPremisesView.as_view(),
        name="customer-changes-premises",
    ),
    path(
        f"{_AT}/changes/contracts",
        internal_feeds.ChangedContractsView.as_view(),
        name="customer-changes-contracts",
    ),
]
