"""The routes of logins: a customer's own, and how others come to a customer."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.customer.rest.claims import AcceptanceView, ClaimsView
from ossrep.customer.rest.logins import DecisionView, InvitationView, LoginsView, LoginView
from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route

answer_with(
    statuses={
        "email_not_verified": HTTPStatus.FORBIDDEN,
        "grant_too_wide": HTTPStatus.FORBIDDEN,
        "invitation_unknown": HTTPStatus.NOT_FOUND,
        "last_manager": HTTPStatus.CONFLICT,
        "login_taken": HTTPStatus.CONFLICT,
        "mail_not_sent": HTTPStatus.SERVICE_UNAVAILABLE,
        "too_many_invitations": HTTPStatus.CONFLICT,
    }
)
LOGIN_ROUTES: Sequence[Route] = [
    path("api/v1/claims", ClaimsView.as_view(), name="customer-claims"),
    path(
        "api/v1/invitations/acceptance",
        AcceptanceView.as_view(),
        name="customer-invitation-acceptance",
    ),
    path("api/v1/me/logins", LoginsView.as_view(), name="customer-my-logins"),
    path("api/v1/me/logins/<int:login_id>", LoginView.as_view(), name="customer-my-login"),
    path(
        "api/v1/me/logins/invitations/<int:invitation_id>",
        InvitationView.as_view(),
        name="customer-my-invitation",
    ),
    path(
        "api/v1/me/logins/claims/<int:claim_id>/decision",
        DecisionView.as_view(),
        name="customer-my-claim-decision",
    ),
]
