"""``/api/v1/enrollments``: the seven steps in which a person becomes a customer.

Nobody has a login yet: who starts one gets its key once and sends it as ``Enrollment-Key``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.customer.domain import online_enrollment as steps
from ossrep.customer.models import OnlineEnrollment
from ossrep.customer.queries.online_enrollments import get_progress
from ossrep.customer.rest import enrollment_shapes as shapes
from ossrep.customer.usecases.online_enrollment.answer import answer_step
from ossrep.customer.usecases.online_enrollment.start import (
    abandon_enrollment,
    find_enrollment,
    start_enrollment,
)
from ossrep.customer.usecases.online_enrollment.submit import Signature, submit_online
from ossrep.infra.web.addresses import client_address
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import PublicView
from ossrep.kernel import clock

KEY_HEADER = "Enrollment-Key"
_KEY = OpenApiParameter(
    KEY_HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The key that was told when the enrollment was started.",
)


class EnrollmentsView(PublicView):
    """``POST /api/v1/enrollments``"""

    @extend_schema(
        operation_id="startEnrollment",
        summary="Start an enrollment",
        request=None,
        responses={201: shapes.StartedShape},
    )
    def post(self, request: Request) -> Response:
        """A new enrollment; nothing is asked yet."""
        enrollment, key = start_enrollment(now=clock.now())
        return Response(
            {**_shown(enrollment), "key": key},
            status=HTTPStatus.CREATED,
            headers={
                "Location": f"/api/v1/enrollments/{enrollment.reference}",
                "Cache-Control": "no-store",
            },
        )


class EnrollmentView(PublicView):
    """``GET, DELETE /api/v1/enrollments/{enrollmentId}``"""

    caller_header = KEY_HEADER

    @extend_schema(
        operation_id="getEnrollment",
        summary="How far an enrollment has come",
        parameters=[_KEY],
        responses=shapes.ProgressShape,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Steps, and after the submission what the market says."""
        return _answered(find_enrollment(reference=reference, key=_key_of(request)))

    @extend_schema(
        operation_id="abandonEnrollment",
        summary="Give an enrollment up",
        parameters=[_KEY],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, reference: str) -> Response:
        """Its answers are deleted."""
        abandon_enrollment(reference=reference, key=_key_of(request), now=clock.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class _StepView(PublicView):
    """``PUT /api/v1/enrollments/{enrollmentId}/steps/...``"""

    caller_header = KEY_HEADER
    step: ClassVar[str]
    shape: ClassVar[type[StrictSerializer]]

    def put(self, request: Request, reference: str) -> Response:
        """Keeps the answer; answering again replaces it, and what was built on it is asked anew."""
        body = self.shape(data=request.data)
        body.is_valid(raise_exception=True)
        enrollment = answer_step(
            reference=reference,
            key=_key_of(request),
            step=self.step,
            values=_inward(body.validated_data),
            now=clock.now(),
        )
        return _answered(enrollment)


def _documented(name: str, shape: type[StrictSerializer], summary: str) -> Any:
    return extend_schema_view(
        put=extend_schema(
            operation_id=name,
            summary=summary,
            parameters=[_KEY],
            request=shape,
            responses=shapes.ProgressShape,
        )
    )


@_documented("answerCustomerType", shapes.CustomerTypeShape, "Step 1: person or business")
class CustomerTypeStep(_StepView):
    step = steps.CUSTOMER_TYPE
    shape = shapes.CustomerTypeShape


@_documented("answerContact", shapes.ContactShape, "Step 2: names, e-mail, phone")
class ContactStep(_StepView):
    step = steps.CONTACT
    shape = shapes.ContactShape


@_documented("answerService", shapes.ServiceShape, "Step 3: service address and first day")
class ServiceStep(_StepView):
    step = steps.SERVICE
    shape = shapes.ServiceShape


@_documented("answerPlan", shapes.PlanChoiceShape, "Step 4: the plan")
class PlanStep(_StepView):
    step = steps.PLAN
    shape = shapes.PlanChoiceShape


@_documented("answerMeters", shapes.MetersShape, "Step 5: the meters at the address")
class MetersStep(_StepView):
    step = steps.METERS
    shape = shapes.MetersShape


@_documented("answerMailing", shapes.MailingShape, "Step 6: mailing address and bill delivery")
class MailingStep(_StepView):
    step = steps.MAILING
    shape = shapes.MailingShape


class SubmissionView(PublicView):
    """``POST /api/v1/enrollments/{enrollmentId}/submission``"""

    caller_header = KEY_HEADER

    @extend_schema(
        operation_id="submitEnrollment",
        summary="Step 7: review, consents, and off it goes",
        parameters=[_KEY],
        request=shapes.SubmissionShape,
        responses={201: shapes.ProgressShape},
    )
    def post(self, request: Request, reference: str) -> Response:
        """Submitting again gives the same confirmation number."""
        body = shapes.SubmissionShape(data=request.data)
        body.is_valid(raise_exception=True)
        enrollment = submit_online(
            reference=reference,
            key=_key_of(request),
            signature=Signature(
                name=body.validated_data["signed_name"],
                consents=body.validated_data["consents"],
                address=str(client_address(request._request)),
            ),
            now=clock.now(),
        )
        return _answered(enrollment, status=HTTPStatus.CREATED)


def _key_of(request: Request) -> str:
    return request.headers.get(KEY_HEADER, "")


def _inward(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the use case takes them: types of customers are small there."""
    found = dict(values)
    if "customer_type" in found:
        found["customer_type"] = found["customer_type"].lower()
    return found


def _answered(enrollment: OnlineEnrollment, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(_shown(enrollment), status=status, headers={"Cache-Control": "no-store"})


def _shown(enrollment: OnlineEnrollment) -> dict[str, Any]:
    progress = get_progress(enrollment=enrollment)
    return {
        "enrollment_id": progress.reference,
        "state": progress.state,
        "next_step": progress.next_step,
        "answers": _answers(progress.answers),
        "expires_at": progress.expires_at,
        "confirmation_number": progress.confirmation_number,
        "account_number": progress.account_number,
        "meters": [asdict(meter) for meter in progress.meters],
    }


def _answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    shown = {step.replace("-", "_"): answer for step, answer in answers.items()}
    if steps.CUSTOMER_TYPE in answers:
        kind = answers[steps.CUSTOMER_TYPE]["customer_type"]
        shown["customer_type"] = {"customer_type": kind.upper()}
    if steps.MAILING in answers:
        kept = answers[steps.MAILING]
        shown["mailing"] = {
            "street": kept["mailing_line1"],
            "unit": kept["mailing_line2"],
            "city": kept["mailing_city"],
            "state": kept["mailing_state"],
            "zip": kept["mailing_zip"],
            "delivery": kept["delivery"],
        }
    return shown
