"""How a login without customer gets one: by a bill, or by an invitation."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.customer.rest.login_shapes import (
    AcceptanceShape,
    AcceptedShape,
    ClaimOutcomeShape,
    ClaimRequestShape,
)
from ossrep.customer.rest.logins import acting, body_of
from ossrep.customer.usecases.claim_account import Claimant, ClaimLocked, claim_account
from ossrep.customer.usecases.invite_login import accept
from ossrep.infra.auth.principal import Principal
from ossrep.infra.web.problems import problem
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock


def claimant_of(request: Request) -> Claimant:
    """The login as its token says."""
    caller = request.auth
    assert isinstance(caller, Principal)
    return Claimant(
        issuer=caller.issuer,
        subject=caller.subject,
        email=caller.email,
        is_email_verified=caller.is_email_verified,
    )


class ClaimsView(ExternalView):
    """``POST /api/v1/claims``"""

    @extend_schema(
        operation_id="claimAccount",
        summary="Claim an account by a bill",
        request=ClaimRequestShape,
        responses={200: ClaimOutcomeShape, 202: ClaimOutcomeShape},
    )
    def post(self, request: Request) -> Response:
        """200: linked. 202: the customer has logins already, one of which has to agree."""
        given = body_of(ClaimRequestShape, request)
        try:
            with acting(request):
                outcome = claim_account(claimant=claimant_of(request), as_of=clock.now(), **given)
        except ClaimLocked as locked:
            answer = problem(
                status=HTTPStatus.TOO_MANY_REQUESTS, code=locked.code, detail=locked.message
            )
            answer["Retry-After"] = str(locked.seconds)
            return answer
        told: dict[str, Any] = {
            "outcome": outcome.state,
            "account_number": outcome.account_number,
        }
        if outcome.claim_id is not None:
            told["claim_id"] = outcome.claim_id
        return Response(told, status=200 if outcome.state == "linked" else 202)


class AcceptanceView(ExternalView):
    """``POST /api/v1/invitations/acceptance``"""

    @extend_schema(
        operation_id="acceptInvitation",
        summary="Accept an invitation",
        request=AcceptanceShape,
        responses=AcceptedShape,
    )
    def post(self, request: Request) -> Response:
        """The invited address has to be the login's own, and verified."""
        secret = body_of(AcceptanceShape, request)["token"]
        with acting(request):
            login_id = accept(claimant=claimant_of(request), secret=secret, as_of=clock.now())
        return Response({"login_id": login_id})
