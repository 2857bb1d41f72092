"""What comes back from the provider: tokens, judged, and the account they open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from ossrep.infra.auth.keys import CannotVerify, KeyStore
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.signed import TokenRefused, check_times, is_for, read_signed, text_of
from ossrep.infra.auth.tokens import verifier
from ossrep.infra.staff.people import operator_of
from ossrep.infra.staff.provider import (
    ProviderRefuses,
    ProviderSilent,
    ask_for_tokens,
    staff_issuer,
)

_LOG = structlog.get_logger(__name__)
_ID_TYPES = ("JWT",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a provider gave for one sign-in, or its renewal."""

    principal: Principal
    user: User
    refresh_token: str
    id_token: str


class StaffBackend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """The library's place in Django, with our rules for tokens and accounts."""

    def __init__(self) -> None:
        """Asks for nothing: it is made anew for each request."""

    def authenticate(self, request: HttpRequest, *, nonce: str, code_verifier: str) -> User | None:
        """The operator whose code came back in the address; None when they are not let in."""
        try:
            given = by_code(
                code=request.GET.get("code", ""),
                redirect_uri=request.build_absolute_uri(reverse("staff-callback")),
                verifier_text=code_verifier,
                nonce=nonce,
            )
        except (TokenRefused, ProviderRefuses, ProviderSilent, CannotVerify) as refusal:
            _LOG.warning("staff sign-in refused", code=refusal.code, why=refusal.message)
            return None
        if given is None:
            _LOG.warning("staff sign-in refused", why="no role of the staff")
            return None
        request.staff_given = given  # type: ignore[attr-defined]
        return given.user

    def get_user(self, user_id: int) -> Any:
        """The account while it is active; the library's own would not look."""
        return ModelBackend.get_user(self, user_id)


def by_code(*, code: str, redirect_uri: str, verifier_text: str, nonce: str) -> Given | None:
    """What a code opens; None without a role of the staff.

    Raises TokenRefused, ProviderRefuses, ProviderSilent or CannotVerify.
    """
    answer = ask_for_tokens(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier_text,
        }
    )
    claims = _id_claims(str(answer.get("id_token", "")))
    if not nonce or claims.get("nonce") != nonce:
        raise TokenRefused("the ID token is not of this sign-in")
    return _given(answer, claims)


def by_refresh_token(refresh_token: str) -> Given | None:
    """The same for a renewal."""
    answer = ask_for_tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})
    return _given(answer, _id_claims(str(answer.get("id_token", ""))))


def _given(answer: Mapping[str, Any], claims: Mapping[str, Any]) -> Given | None:
    principal = verifier().verify(str(answer["access_token"]))
    if (principal.issuer, principal.subject) != (claims["iss"], text_of(claims, "sub")):
        raise TokenRefused("the two tokens are of different people")
    user = operator_of(principal, claims=claims)
    if user is None:
        return None
    return Given(
        principal=principal,
        user=user,
        refresh_token=str(answer.get("refresh_token", "")),
        id_token=str(answer["id_token"]),
    )


def _id_claims(raw: str) -> Mapping[str, Any]:
    issuer = staff_issuer()
    _, claims = read_signed(
        raw, issuers={issuer.issuer: issuer}, keys=_keys(), types=lambda _: _ID_TYPES
    )
    client_id = settings.OSSREP_STAFF_CLIENT_ID
    if not is_for(client_id, claims.get("aud")) or claims.get("azp", client_id) != client_id:
        raise TokenRefused("the ID token is for another client")
    check_times(claims)
    return claims


@lru_cache(maxsize=1)
def _keys() -> KeyStore:
    return KeyStore()
