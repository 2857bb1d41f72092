"""Where staff sign in: its addresses, and calls of its token endpoint."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from mozilla_django_oidc.utils import import_from_settings

from ossrep.infra.auth.issuers import Issuer, configured_issuers, read_issuers
from ossrep.kernel.errors import DomainError

TIMEOUT_SECONDS = 5.0
DISCOVERED_EVERY_SECONDS = 300
SCOPES = "openid profile email"


class ProviderSilent(DomainError):
    """The provider does not answer, or answers what no provider should."""

    code = "staff_provider_silent"


class ProviderRefuses(DomainError):
    """The provider gives no tokens for what it was sent."""

    code = "staff_provider_refuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Of the provider's discovery document."""

    authorization: str
    token: str
    end_session: str


def is_configured() -> bool:
    """True when staff can sign in at a provider."""
    return bool(settings.OSSREP_STAFF_ISSUER)


def known_issuers() -> tuple[str, Sequence[str]]:
    """The chosen issuer and those that could be. Raises IssuerMisconfigured."""
    return settings.OSSREP_STAFF_ISSUER, sorted(read_issuers(settings.OSSREP_ISSUERS))


def staff_issuer() -> Issuer:
    """Its entry among the issuers. Raises ImproperlyConfigured where there is none."""
    found = configured_issuers().get(settings.OSSREP_STAFF_ISSUER)
    if found is None:
        raise ImproperlyConfigured(
            f"OSSREP_STAFF_ISSUER {settings.OSSREP_STAFF_ISSUER!r} is neither the embedded "
            "provider nor one of OSSREP_ISSUERS"
        )
    return found


def addresses() -> Addresses:
    """Raises ProviderSilent."""
    slot = int(time.monotonic() // DISCOVERED_EVERY_SECONDS)
    return _discovered(settings.OSSREP_STAFF_ISSUER, slot)


@lru_cache(maxsize=2)
def _discovered(issuer: str, slot: int) -> Addresses:
    answer = _call("GET", f"{issuer}/.well-known/openid-configuration")
    try:
        document = answer.raise_for_status().json()
        if document["issuer"] != issuer:
            raise ProviderSilent("its discovery document is of another issuer", where=issuer)
        return Addresses(
            authorization=document["authorization_endpoint"],
            token=document["token_endpoint"],
            end_session=document.get("end_session_endpoint", ""),
        )
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderSilent(f"its discovery document cannot be used: {error!r}") from error


def ask_for_tokens(fields: Mapping[str, str]) -> Mapping[str, Any]:
    """The token endpoint's answer. Raises ProviderRefuses or ProviderSilent."""
    sent = {**fields, "client_id": settings.OSSREP_STAFF_CLIENT_ID}
    if settings.OSSREP_STAFF_CLIENT_SECRET:
        sent["client_secret"] = settings.OSSREP_STAFF_CLIENT_SECRET
    answer = _call("POST", addresses().token, data=sent)
    if answer.status_code in (400, 401, 403):
        raise ProviderRefuses(f"the provider refuses: {answer.text[:200]}")
    try:
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderSilent(f"no tokens came: {error!r}") from error
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise ProviderSilent("no tokens came")
    return found


def leave_address(*, id_token: str, back_to: str) -> str:
    """Where a browser ends its session at the provider; empty where it has no such address."""
    if not addresses().end_session:
        return ""
    fields = {
        "id_token_hint": id_token,
        "client_id": settings.OSSREP_STAFF_CLIENT_ID,
        "post_logout_redirect_uri": back_to,
    }
    return f"{addresses().end_session}?{urlencode(fields)}"


def _call(method: str, url: str, **how: Any) -> httpx.Response:
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, transport=_transport()) as client:
            return client.request(method, url, **how)
    except httpx.HTTPError as error:
        raise ProviderSilent(f"the provider does not answer: {error!r}", where=url) from error


def _transport() -> httpx.BaseTransport | None:
    """A process that is the provider answers itself: it need not reach its public address."""
    if settings.OSSREP_STAFF_ISSUER != settings.OSSREP_OIDC_ISSUER:
        return None
    try:
        reverse("oidc-token")
    except NoReverseMatch:
        return None
    return httpx.WSGITransport(app=_inner_application())


class _InnerHandler(BaseHandler):
    """Answers a request inside another one, whose end alone may close connections."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = self.get_response(WSGIRequest(environ))
        assert isinstance(response, HttpResponse)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.getvalue()]


@lru_cache(maxsize=1)
def _inner_application() -> Any:
    handler = _InnerHandler()
    handler.load_middleware()
    return handler


def oidc_setting(name: str, *default: Any) -> Any:
    """What mozilla-django-oidc asks for, from our own settings."""
    ours: dict[str, Any] = {
        "OIDC_RP_CLIENT_ID": settings.OSSREP_STAFF_CLIENT_ID,
        "OIDC_RP_SCOPES": SCOPES,
        "OIDC_USE_PKCE": True,
        "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
        "OIDC_USE_NONCE": True,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "staff-callback",
    }
    if name == "OIDC_OP_AUTHORIZATION_ENDPOINT":
        return addresses().authorization
    if name == "LOGIN_REDIRECT_URL":
        return reverse("admin:index")
    return ours[name] if name in ours else import_from_settings(name, *default)
