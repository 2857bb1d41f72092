"""OpenID Connect Back-Channel Logout 1.0: an issuer tells that a session or a person has left.

https://openid.net/specs/openid-connect-backchannel-1_0.html, sections 2.4 to 2.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import structlog
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ossrep.infra import database
from ossrep.infra.auth.issuers import configured_issuers
from ossrep.infra.auth.keys import KeyStore, KeysUnavailable
from ossrep.infra.auth.revocation import revoke
from ossrep.infra.auth.signed import (
    TokenRefused,
    check_times,
    instant_of,
    is_for,
    read_signed,
    text_of,
)
from ossrep.infra.auth.tokens import TOKEN_LIFE_MAX
from ossrep.infra.models import RevokedAccess
from ossrep.kernel import clock

EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOG = structlog.get_logger(__name__)


def end_access(raw: str) -> None:
    """Ends the session, or all that the subject was given, that a logout token names.

    Raises TokenRefused, also for one that came before, and KeysUnavailable.
    """
    issuer, claims = read_signed(
        raw, issuers=configured_issuers(), keys=_keys(), types=lambda issuer: issuer.logout_types
    )
    if not any(is_for(client, claims.get("aud")) for client in issuer.logout_audiences):
        raise TokenRefused("the token is not for one of our clients")
    check_times(claims)
    if instant_of(claims, "iat") is None:
        raise TokenRefused("the token says not when it was issued")
    if "nonce" in claims:
        raise TokenRefused("a logout token has no nonce")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise TokenRefused("the token tells of no logout")
    session_id = text_of(claims, "sid", optional=True)
    subject = "" if session_id else text_of(claims, "sub")
    _record(issuer.issuer, claims, session_id=session_id, subject=subject)
    _LOG.info("back-channel logout", issuer=issuer.issuer, by="session" if session_id else "user")


def _record(issuer: str, claims: Mapping[str, Any], *, session_id: str, subject: str) -> None:
    until = clock.now() + TOKEN_LIFE_MAX
    try:
        with database.transaction("default"):
            RevokedAccess.objects.create(
                issuer=issuer,
                kind="logout",
                value=text_of(claims, "jti"),
                recorded_at=clock.now(),
                expires_at=until,
            )
            revoke(issuer=issuer, expires_at=until, session_ids=[session_id], subjects=[subject])
    except IntegrityError as error:
        raise TokenRefused("this logout token came before") from error


@method_decorator(csrf_exempt, name="dispatch")
class BackChannelLogoutView(View):
    """Where issuers post their logout tokens."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """200 when access has ended; 400 for a token that is refused."""
        raw = request.POST.getlist("logout_token")
        try:
            if len(raw) != 1:
                raise TokenRefused("one logout_token is needed")
            end_access(raw[0])
            response = HttpResponse(status=200)
        except TokenRefused as refusal:
            body = {"error": "invalid_request", "error_description": refusal.message}
            response = JsonResponse(body, status=400)
        except KeysUnavailable:
            response = JsonResponse({"error": "temporarily_unavailable"}, status=503)
        response["Cache-Control"] = "no-store"
        return response


@lru_cache(maxsize=1)
def _keys() -> KeyStore:
    return KeyStore()
