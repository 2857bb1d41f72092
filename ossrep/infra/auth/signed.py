"""Signed tokens of the configured issuers, of any kind: signature, times and plain claims.

Everything unusual is refused.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jwt
from rest_framework.exceptions import ParseError

from ossrep.infra.auth.issuers import Issuer
from ossrep.infra.auth.keys import KeyStore
from ossrep.infra.web.json_bodies import read_json
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

TOKEN_LENGTH_MAX = 8_000
LEEWAY = dt.timedelta(seconds=30)
_HEADERS_TAKEN = {"alg", "typ", "kid"}
_KID = re.compile(r"[A-Za-z0-9_.~-]{1,128}")
_PART = re.compile(r"[A-Za-z0-9_-]+")
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    **{f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
}


class TokenRefused(DomainError):
    """The token is not one that a configured issuer gave for us, or it is no longer in force."""

    code = "invalid_token"


def read_signed(
    raw: str,
    *,
    issuers: Mapping[str, Issuer],
    keys: KeyStore,
    types: Callable[[Issuer], Sequence[str]],
) -> tuple[Issuer, Mapping[str, Any]]:
    """The issuer and what it signed; no claim but ``iss`` is judged yet.

    ``types`` are the ``typ`` headers taken from an issuer. Raises TokenRefused, or
    KeysUnavailable when the issuer does not answer.
    """
    header, claims = _read_parts(raw)
    issuer = issuers.get(text_of(claims, "iss"))
    if issuer is None:
        raise TokenRefused("the issuer is not one of ours")
    algorithm = header.get("alg")
    if algorithm not in issuer.algorithms or header.get("typ") not in types(issuer):
        raise TokenRefused("algorithm or type of the token is not taken from its issuer")
    kid = header.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenRefused("the token names no key")
    key = keys.find(issuer=issuer, kid=kid)
    if key is None or key.algorithm_name != algorithm:
        raise TokenRefused("the token's key is not one of its issuer")
    try:
        # Only the signature: every claim is checked by us, more strictly.
        jwt.decode(raw, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError as error:
        raise TokenRefused("the signature does not fit") from error
    return issuer, claims


def check_times(claims: Mapping[str, Any]) -> int:
    """``exp``. Raises TokenRefused for a token that is over, or not yet in force."""
    now = clock.now().timestamp()
    expires_at = instant_of(claims, "exp")
    if expires_at is None or now >= expires_at + LEEWAY.total_seconds():
        raise TokenRefused("the token has expired, or says not when it will")
    for name in ("nbf", "iat"):
        instant = instant_of(claims, name)
        if instant is not None and instant > now + LEEWAY.total_seconds():
            raise TokenRefused(f"the token's {name} lies in the future")
    return expires_at


def is_for(wanted: str, audience: Any) -> bool:
    """True when ``aud``, a text or a list of texts, names ``wanted``."""
    return wanted in audience if isinstance(audience, list) else bool(audience == wanted)


def instant_of(claims: Mapping[str, Any], name: str) -> int | None:
    """A time in seconds; None where there is none. Raises TokenRefused for anything else."""
    value = claims.get(name)
    if value is None and name != "exp":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 40:
        raise TokenRefused(f"the token's {name} is no instant")
    return value


def text_of(claims: Mapping[str, Any], *names: str, optional: bool = False) -> str:
    """The first of the claims that is a text; empty where that is optional."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and 0 < len(value) <= 500:
            return value
    if optional:
        return ""
    raise TokenRefused(f"the token has no {names[0]}")


def _read_parts(raw: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if len(raw) > TOKEN_LENGTH_MAX:
        raise TokenRefused("the token is too long")
    parts = raw.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise TokenRefused("this is not a signed token")
    header, claims = (_read_object(part) for part in parts[:2])
    # jku, x5u, jwk, crit, b64, zip and whatever comes next: not understood, so refused.
    if unknown := sorted(set(header) - _HEADERS_TAKEN):
        raise TokenRefused(f"header {unknown[0]!r} is not taken")
    return header, claims


def _read_object(part: str) -> Mapping[str, Any]:
    try:
        found = read_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ParseError, binascii.Error, RecursionError) as error:
        raise TokenRefused("the token is not JSON inside") from error
    if not isinstance(found, dict):
        raise TokenRefused("the token is not a JSON object inside")
    return found
