"""The routes of the enrollment's steps."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.urls import path

from ossrep.customer.rest import enrollments
from ossrep.infra.web.problems import answer_with
from ossrep.infra.web.surfaces import Route

answer_with(
    statuses={
        "enrollment_unknown": HTTPStatus.NOT_FOUND,
        "enrollment_closed": HTTPStatus.CONFLICT,
        "step_not_reached": HTTPStatus.CONFLICT,
    }
)

_ONE = "api/v1/enrollments/<str:reference>"
_STEPS = {
    "customer-type": enrollments.CustomerTypeStep,
    "contact": enrollments.ContactStep,
    "service": enrollments.ServiceStep,
    "plan": enrollments.PlanStep,
    "meters": enrollments.MetersStep,
    "mailing": enrollments.MailingStep,
}

ROUTES: Sequence[Route] = [
    path(
        "api/v1/enrollments",
        enrollments.EnrollmentsView.as_view(),
        name="customer-enrollments-online",
    ),
    path(_ONE, enrollments.EnrollmentView.as_view(), name="customer-enrollment-online"),
    *(
        path(
            f"{_ONE}/steps/{step}",
            view.as_view(),
            name=f"customer-enrollment-online-{step}",
        )
        for step, view in _STEPS.items()
    ),
    path(
        f"{_ONE}/submission",
        enrollments.SubmissionView.as_view(),
        name="customer-enrollment-online-submission",
    ),
]
