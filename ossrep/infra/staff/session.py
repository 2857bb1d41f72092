"""A session that a provider opened: it ends with what opened it, and is renewed every minutes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.http import HttpRequest, HttpResponse

from ossrep.infra import database
from ossrep.infra.auth.ended_elsewhere import EndedAccessUnknown
from ossrep.infra.auth.keys import CannotVerify
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.revocation import revoked
from ossrep.infra.auth.signed import TokenRefused
from ossrep.infra.oidc.secret_forms import SealBroken, seal, unseal
from ossrep.infra.staff.backend import Given, by_refresh_token
from ossrep.infra.staff.names import BACKEND
from ossrep.infra.staff.provider import ProviderRefuses, ProviderSilent
from ossrep.kernel import clock

RENEWED_EVERY = dt.timedelta(minutes=5)
# A provider that is silent for longer keeps nobody in.
SILENCE_MAX = dt.timedelta(minutes=15)
_KEY = "staff"
_LOG = structlog.get_logger(__name__)


def remember(session: SessionBase, given: Given) -> None:
    """Keeps who signed in and, sealed, the tokens to go on with."""
    principal = given.principal
    session[_KEY] = {
        "issuer": principal.issuer,
        "subject": principal.subject,
        "sid": principal.session_id,
        "issued_at": principal.issued_at,
        "fresh_until": (clock.now() + RENEWED_EVERY).timestamp(),
        "refresh_token": _sealed(given.refresh_token),
        "id_token": _sealed(given.id_token),
    }


def is_from_provider(request: HttpRequest) -> bool:
    """True for a session that a sign-in at the provider opened."""
    return request.session.get(BACKEND_SESSION_KEY) == BACKEND


def id_token(request: HttpRequest) -> str:
    """The ID token of the session; empty where no provider opened it."""
    kept = request.session.get(_KEY)
    return _opened(kept["id_token"]) if kept else ""


class StaffSessionMiddleware:
    """Signs out whoever's session has ended at the provider, or cannot be renewed there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, as somebody or as nobody."""
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        try:
            if has_session and request.session.get(_KEY) and _is_over(request):
                _LOG.info("staff session ended", user_id=request.session.get("_auth_user_id"))
                logout(request)
        except EndedAccessUnknown as silence:
            _LOG.warning("staff session not verified", code=silence.code, why=silence.message)
            return HttpResponse("Your sign-in cannot be verified now; try again.", status=503)
        return self.get_response(request)


def _is_over(request: HttpRequest) -> bool:
    kept = request.session[_KEY]
    principal = Principal(
        issuer=kept["issuer"],
        subject=kept["subject"],
        roles=frozenset(),
        session_id=kept["sid"],
        issued_at=kept["issued_at"],
    )
    if kept["issuer"] != settings.OSSREP_STAFF_ISSUER or revoked().covers(principal):
        return True
    return kept["fresh_until"] <= clock.now().timestamp() and not _renew(request)


def _renew(request: HttpRequest) -> bool:
    """False when the provider lets the person go on no longer."""
    with database.transaction("default"):
        # A refresh token is good once: calls of one session at once renew it one by one.
        _lock(str(request.session.session_key))
        stored = type(request.session)(request.session.session_key).get(_KEY)
        if stored is None:
            return False
        if stored["fresh_until"] > clock.now().timestamp():
            request.session[_KEY] = stored
            return True
        try:
            given = by_refresh_token(_opened(stored["refresh_token"]))
        except (ProviderSilent, CannotVerify) as silence:
            _LOG.warning("staff session not renewed", code=silence.code, why=silence.message)
            waited = clock.now().timestamp() - stored["fresh_until"]
            return bool(waited < SILENCE_MAX.total_seconds())
        except (ProviderRefuses, TokenRefused, SealBroken) as refusal:
            _LOG.info("staff session not renewed", code=refusal.code, why=refusal.message)
            return False
        if given is None or given.principal.subject != stored["subject"]:
            return False
        remember(request.session, given)
        request.session.save()
    return True


def _lock(session_key: str) -> None:
    digest = hashlib.sha256(f"ossrep.staff.session {session_key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _sealed(token: str) -> str:
    return base64.b64encode(seal(token.encode(), label=_KEY)).decode()


def _opened(sealed: Any) -> str:
    return unseal(base64.b64decode(str(sealed)), label=_KEY).decode()
