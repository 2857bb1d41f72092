"""The tokens themselves: what they say, and reading back those that come in."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from django.contrib.auth.models import User
from oidc_provider.models import Client

from ossrep.infra.models import RevokedAccess
from ossrep.infra.oidc import keys
from ossrep.infra.oidc.issuer import ACCESS_TOKEN_LIFE, ID_TOKEN_LIFE, audience, issuer
from ossrep.infra.oidc.models import Grant, VerifiedEmail
from ossrep.infra.oidc.secret_forms import new_secret
from ossrep.infra.roles import ROLES
from ossrep.kernel import clock

ACCESS_TYP = "at+jwt"
ID_TYP = "JWT"


def _seconds(instant: dt.datetime) -> int:
    return int(instant.timestamp())


def roles_of(user: User) -> list[str]:
    """Roles by the user's groups; a superuser has ``admin``."""
    named = set(user.groups.values_list("name", flat=True)).intersection(ROLES)
    return sorted(named | ({"admin"} if user.is_superuser else set()))


def access_token(*, grant: Grant, scope: Sequence[str]) -> str:
    """A user's access token for the API."""
    return _access_token(
        subject=str(grant.user.pk),
        client_id=grant.client.client_id,
        scope=scope,
        roles=roles_of(grant.user),
        sid=grant.sid,
        auth_time=_seconds(grant.auth_time),
        **(email_claims(grant.user) if "email" in scope else {}),
    )


def service_token(*, client: Client, scope: Sequence[str]) -> str:
    """A service's own access token: no user, no session, role ``service`` alone."""
    return _access_token(
        subject=client.client_id, client_id=client.client_id, scope=scope, roles=["service"]
    )


def _access_token(
    *, subject: str, client_id: str, scope: Sequence[str], roles: Sequence[str], **more: Any
) -> str:
    now = clock.now()
    claims = {
        "iss": issuer(),
        "aud": audience(),
        "sub": subject,
        "client_id": client_id,
        "jti": new_secret(),
        "iat": _seconds(now),
        "exp": _seconds(now + ACCESS_TOKEN_LIFE),
        "scope": " ".join(scope),
        "realm_access": {"roles": list(roles)},
        **more,
    }
    return keys.sign(claims, typ=ACCESS_TYP)


def id_token(*, grant: Grant, scope: Sequence[str], beside: str, nonce: str) -> str:
    """The ID token that goes with the access token ``beside``."""
    now = clock.now()
    half = hashlib.sha256(beside.encode()).digest()[:16]
    claims = {
        "iss": issuer(),
        "aud": grant.client.client_id,
        "azp": grant.client.client_id,
        "sub": str(grant.user.pk),
        "sid": grant.sid,
        "iat": _seconds(now),
        "exp": _seconds(now + ID_TOKEN_LIFE),
        "auth_time": _seconds(grant.auth_time),
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        **claims_of(grant.user, scope=scope),
    }
    if nonce:
        claims["nonce"] = nonce
    return keys.sign(claims, typ=ID_TYP)


def email_claims(user: User) -> dict[str, Any]:
    """The address and whether the user has shown it to be theirs; nothing where there is none."""
    if not user.email:
        return {}
    verified = VerifiedEmail.objects.filter(user=user, email=user.email.lower())
    return {"email": user.email, "email_verified": verified.exists()}


def claims_of(user: User, *, scope: Sequence[str]) -> dict[str, Any]:
    """What the scopes let a client know of the user; empty fields are left out."""
    found: dict[str, Any] = {}
    if "profile" in scope:
        found |= {
            "name": user.get_full_name() or user.get_username(),
            "preferred_username": user.get_username(),
            "given_name": user.first_name,
            "family_name": user.last_name,
        }
    found = {name: value for name, value in found.items() if value}
    return found | (email_claims(user) if "email" in scope else {})


def read_access_token(raw: str, *, may_be_over: bool = False) -> Mapping[str, Any] | None:
    """Claims of an access token of ours; None when it is not one or, usually, is over."""
    claims = _read(raw, typ=ACCESS_TYP, aud=audience(), may_be_over=may_be_over)
    if claims is None or (not may_be_over and _is_revoked(claims)):
        return None
    return claims


def read_id_token_hint(raw: str) -> Mapping[str, Any] | None:
    """Claims of an ID token of ours, old ones too; None when it was not signed by us."""
    return _read(raw, typ=ID_TYP, aud=None, may_be_over=True)


def _read(raw: str, *, typ: str, aud: str | None, may_be_over: bool) -> Mapping[str, Any] | None:
    try:
        header = jwt.get_unverified_header(raw)
        kid = header.get("kid")
        key = keys.public_key(kid) if isinstance(kid, str) else None
        if key is None or header.get("typ") != typ or header.get("alg") != keys.ALGORITHM:
            return None
        claims: Mapping[str, Any] = jwt.decode(
            raw,
            key,
            algorithms=[keys.ALGORITHM],
            audience=aud,
            issuer=issuer(),
            options={
                "verify_aud": aud is not None,
                "verify_exp": not may_be_over,
                "require": ["iss", "aud", "sub", "exp", "iat"],
            },
        )
    except (jwt.PyJWTError, ValueError):
        return None
    return claims


def _is_revoked(claims: Mapping[str, Any]) -> bool:
    ours = RevokedAccess.objects.filter(issuer=issuer())
    return (
        ours.filter(kind="token", value=claims.get("jti", "")).exists()
        or ours.filter(kind="session", value=claims.get("sid", "")).exists()
    )
