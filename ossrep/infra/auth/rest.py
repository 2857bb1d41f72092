"""The resource server as DRF sees it: who calls, and whether the matrix lets them."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ossrep.infra.auth.keys import CannotVerify
from ossrep.infra.auth.matrix import allowed, may
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.tokens import TokenRefused, verifier


class NotVerified(APIException):
    """Keys or ends of access cannot be had: nobody is let in, and it is not the caller's fault."""

    status_code = 503
    default_detail = "The token cannot be verified now; try again."


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``; nothing else, and never in the address."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        """The caller twice, as user and as auth; None without a bearer.

        A public call never looks at it: a portal sends its old token along.
        """
        if "public" in allowed(route=route_of(request), method=request.method or ""):
            return None
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            principal = verifier().verify(raw.strip())
        except TokenRefused as refusal:
            raise AuthenticationFailed(refusal.message, code=refusal.code) from refusal
        except CannotVerify as silence:
            raise NotVerified(code=silence.code) from silence
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="ossrep"'


class MatrixPermission(BasePermission):
    """Lets through whom ``config/role_matrix.yaml`` names for the route and method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """False answers 401 to a caller without token and 403 to one without the role."""
        principal = request.auth if isinstance(request.auth, Principal) else None
        return may(principal, route=route_of(request), method=request.method or "")


def subject_of(request: Request) -> str:
    """Who calls, as records keep it; empty where nobody is known."""
    return request.auth.subject if isinstance(request.auth, Principal) else ""


def route_of(request: Request) -> str:
    """The name of the route that the request came by; empty when it has none."""
    match = request._request.resolver_match
    return (match.url_name or "") if match else ""
