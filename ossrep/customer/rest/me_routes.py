"""Routes of a customer's calls."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.customer.rest.places import ContractView, PremisesView
from ossrep.customer.rest.portal import AccountsView, ContractsView, CustomerView
from ossrep.customer.rest.profile import PreferencesView, ProfileView
from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route

answer_with(
    statuses={
        "not_found": HTTPStatus.NOT_FOUND,
        "accounts_incomplete": HTTPStatus.BAD_REQUEST,
    }
)

ROUTES: Sequence[Route] = [
    path("api/customer", CustomerView.as_view(), name="customer-me"),
    path("api/accounts", AccountsView.as_view(), name="customer-my-accounts"),
    path("api/contracts", ContractsView.as_view(), name="customer-my-contracts"),
    path("api/v1/me/profile", ProfileView.as_view(), name="customer-my-profile"),
    path("api/v1/me/preferences", PreferencesView.as_view(), name="customer-my-preferences"),
    path("api/v1/me/premises", PremisesView.as_view(), name="customer-my-premises"),
    path(
        "api/v1/me/contracts/<int:contract_id>", ContractView.as_view(), name="customer-my-contract"
    ),
]
