"""The routes of this context, by surface."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route
from ossrep.meter.rest import internal_urls
from ossrep.meter.rest.green_button import GreenButtonView
from ossrep.meter.rest.usage import UsageView

answer_with(
    statuses={
        "unknown_account": HTTPStatus.NOT_FOUND,
        "unknown_esi_id": HTTPStatus.NOT_FOUND,
        "usage_too_long": HTTPStatus.BAD_REQUEST,
    }
)

_ACCOUNT = "api/v1/me/accounts/<int:account_id>"
EXTERNAL: Sequence[Route] = [
    path(f"{_ACCOUNT}/usage", UsageView.as_view(), name="meter-my-usage"),
    path(f"{_ACCOUNT}/usage/green-button", GreenButtonView.as_view(), name="meter-my-green-button"),
]
INTERNAL: Sequence[Route] = [*internal_urls.ROUTES]
