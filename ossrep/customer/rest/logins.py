"""A customer's managers and the logins of others: who may do what, invited by whom."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.customer.models import Login
from ossrep.customer.queries.login_list import (
    LoginLine,
    find_invitation,
    find_login_line,
    line_of,
    list_logins,
)
from ossrep.customer.rest.login_shapes import (
    ID_MAX,
    DecisionShape,
    GrantShape,
    InvitationShape,
    InviteShape,
    LoginListShape,
    LoginShape,
    grant_of,
)
from ossrep.customer.usecases.invite_login import InvitationUnknown, invite, withdraw
from ossrep.customer.usecases.logins import LoginUnknown
from ossrep.customer.usecases.manage_logins import (
    ClaimUnknown,
    change_login,
    decide_claim,
    remove_login,
)
from ossrep.infra.audit import history_context
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.scope import CustomerScope, customer_scope
from ossrep.infra.web.preconditions import etag_of, require_match, with_etag
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import ExternalView
from ossrep.kernel import clock
from ossrep.kernel.identifiers import CustomerId, LoginId


def acting(request: Request) -> AbstractContextManager[None]:
    """Within it the history of what changes names the login that asked."""
    caller = request.auth
    assert isinstance(caller, Principal)
    return history_context(username=caller.email or caller.subject, login=caller.pk)


def body_of(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The validated body."""
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class _ManagerView(ExternalView):
    """For logins that manage the customer's logins."""

    def manager(self, request: Request) -> CustomerScope:
        """The scope of a manager; 403 for others."""
        scope = customer_scope(request)
        scope.require("manage")
        return scope


class LoginsView(_ManagerView):
    """``/api/v1/me/logins``"""

    @extend_schema(
        operation_id="listMyLogins", summary="Who may reach us", responses=LoginListShape
    )
    def get(self, request: Request) -> Response:
        """Logins in force, open invitations and claims that wait."""
        scope = self.manager(request)
        found = list_logins(scope=scope)
        return Response(
            {
                "logins": [_shown(line, scope) for line in found.logins],
                "invitations": [asdict(line) for line in found.invitations],
                "claims": [asdict(line) for line in found.claims],
            }
        )

    @extend_schema(
        operation_id="inviteLogin",
        summary="Invite somebody by e-mail",
        request=InviteShape,
        responses={201: InvitationShape},
    )
    def post(self, request: Request) -> Response:
        """Sends an invitation that is good for seven days."""
        scope = self.manager(request)
        given = body_of(InviteShape, request)
        with acting(request):
            invited = invite(
                customer_id=CustomerId(scope.customer_id),
                by=LoginId(scope.login_id),
                email=given["email"],
                grant=grant_of(given),
                as_of=clock.now(),
            )
        found = find_invitation(scope=scope, invitation_id=invited.invitation_id)
        assert found is not None
        return Response(asdict(found), status=201)


class LoginView(_ManagerView):
    """``/api/v1/me/logins/{loginId}``"""

    @extend_schema(operation_id="getMyLogin", summary="One login", responses=LoginShape)
    def get(self, request: Request, login_id: int) -> Response:
        """With the ETag that a change needs."""
        scope = self.manager(request)
        return with_etag(request, _shown(_found(scope, login_id), scope))

    @extend_schema(
        operation_id="changeMyLogin",
        summary="Change rights and accounts",
        request=GrantShape,
        responses=LoginShape,
    )
    def patch(self, request: Request, login_id: int) -> Response:
        """Both at once; in force with the login's next call."""
        scope = self.manager(request)
        given = body_of(GrantShape, request)
        _found(scope, login_id)

        def expect(login: Login) -> None:
            require_match(request, current=etag_of(_shown(line_of(login), scope)))

        with acting(request):
            change_login(
                customer_id=CustomerId(scope.customer_id),
                by=LoginId(scope.login_id),
                login_id=LoginId(login_id),
                grant=grant_of(given),
                expect=expect,
            )
        return with_etag(request, _shown(_found(scope, login_id), scope))

    @extend_schema(operation_id="removeMyLogin", summary="Remove a login", responses={204: None})
    def delete(self, request: Request, login_id: int) -> Response:
        """Its tokens end within seconds. The last manager stays."""
        scope = self.manager(request)
        _found(scope, login_id)
        try:
            with acting(request):
                remove_login(
                    customer_id=CustomerId(scope.customer_id),
                    by=LoginId(scope.login_id),
                    login_id=LoginId(login_id),
                    as_of=clock.now(),
                )
        except LoginUnknown as unknown:
            raise Http404 from unknown
        return Response(status=204)


class InvitationView(_ManagerView):
    """``/api/v1/me/logins/invitations/{invitationId}``"""

    @extend_schema(
        operation_id="withdrawInvitation", summary="Withdraw an invitation", responses={204: None}
    )
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Its link is void at once."""
        scope = self.manager(request)
        if find_invitation(scope=scope, invitation_id=invitation_id) is None:
            raise Http404
        try:
            with acting(request):
                withdraw(
                    customer_id=CustomerId(scope.customer_id),
                    invitation_id=invitation_id,
                    as_of=clock.now(),
                )
        except InvitationUnknown as unknown:
            raise Http404 from unknown
        return Response(status=204)


class DecisionView(_ManagerView):
    """``/api/v1/me/logins/claims/{claimId}/decision``"""

    @extend_schema(
        operation_id="decideClaim",
        summary="Accept or refuse somebody who holds a bill",
        request=DecisionShape,
        responses={204: None},
    )
    def post(self, request: Request, claim_id: int) -> Response:
        """Accepting gives the rights and accounts of the body."""
        scope = self.manager(request)
        given = body_of(DecisionShape, request)
        if claim_id > ID_MAX or claim_id not in {
            line.claim_id for line in list_logins(scope=scope).claims
        }:
            raise Http404
        try:
            with acting(request):
                decide_claim(
                    customer_id=CustomerId(scope.customer_id),
                    by=LoginId(scope.login_id),
                    claim_id=claim_id,
                    grant=grant_of(given) if given["accept"] else None,
                    as_of=clock.now(),
                )
        except ClaimUnknown as unknown:
            raise Http404 from unknown
        return Response(status=204)


def _found(scope: CustomerScope, login_id: int) -> LoginLine:
    line = find_login_line(scope=scope, login_id=login_id) if login_id <= ID_MAX else None
    if line is None:
        raise Http404
    return line


def _shown(line: LoginLine, scope: CustomerScope) -> dict[str, Any]:
    return {**asdict(line), "is_you": line.login_id == scope.login_id}
