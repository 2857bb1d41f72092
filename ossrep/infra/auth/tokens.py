"""Access tokens: from the raw text to a principal, or a refusal. Everything unusual is refused."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from rest_framework.exceptions import ParseError

from ossrep.infra.auth import revocation
from ossrep.infra.auth.issuers import Issuer, configured_issuers
from ossrep.infra.auth.keys import KeyStore
from ossrep.infra.auth.principal import Principal
from ossrep.infra.web.json_bodies import read_json
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError

TOKEN_LENGTH_MAX = 8_000
LEEWAY = dt.timedelta(seconds=30)
VERIFIED_MAX = 10_000
# A key that was taken back must not live on in tokens that it once verified.
VERIFIED_SECONDS = 300
_HEADERS_TAKEN = {"alg", "typ", "kid"}
_KID = re.compile(r"[A-Za-z0-9_.~-]{1,128}")
_PART = re.compile(r"[A-Za-z0-9_-]+")


class TokenRefused(DomainError):
    """The token is not one that a configured issuer gave for us, or it is no longer in force."""

    code = "invalid_token"


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    expires_at: int
    verified_at: float


class TokenVerifier:
    """Verifies tokens and remembers verified ones; revocation is asked every time."""

    def __init__(
        self,
        *,
        issuers: Mapping[str, Issuer],
        keys: KeyStore,
        is_revoked: Callable[[Principal], bool],
    ) -> None:
        self._issuers = issuers
        self._keys = keys
        self._is_revoked = is_revoked
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, raw: str) -> Principal:
        """The caller. Raises TokenRefused, or KeysUnavailable when an issuer does not answer."""
        if len(raw) > TOKEN_LENGTH_MAX:
            raise TokenRefused("the token is too long")
        digest = hashlib.sha256(raw.encode()).digest()
        found = self._verified.get(digest)
        now = clock.now().timestamp()
        if found is None or now - found.verified_at > VERIFIED_SECONDS:
            found = self._verify_anew(raw)
            self._remember(digest, found)
        if now >= found.expires_at + LEEWAY.total_seconds():
            raise TokenRefused("the token has expired")
        if self._is_revoked(found.principal):
            raise TokenRefused("the token was revoked")
        return found.principal

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        with self._lock:
            self._verified[digest] = verified
            while len(self._verified) > VERIFIED_MAX:
                self._verified.popitem(last=False)

    def _verify_anew(self, raw: str) -> _Verified:
        header, claims = _read_parts(raw)
        issuer = self._issuers.get(_text(claims, "iss"))
        if issuer is None:
            raise TokenRefused("the issuer is not one of ours")
        algorithm = header.get("alg")
        if algorithm not in issuer.algorithms or header.get("typ") not in issuer.types:
            raise TokenRefused("algorithm or type of the token is not taken from its issuer")
        kid = header.get("kid")
        if not isinstance(kid, str) or not _KID.fullmatch(kid):
            raise TokenRefused("the token names no key")
        key = self._keys.find(issuer=issuer, kid=kid)
        if key is None or key.algorithm_name != algorithm:
            raise TokenRefused("the token's key is not one of its issuer")
        try:
            # Only the signature: every claim is checked here, more strictly.
            jwt.decode(raw, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)
        except jwt.PyJWTError as error:
            raise TokenRefused("the signature does not fit") from error
        return _judged(issuer, claims)


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    **{f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
}


def _judged(issuer: Issuer, claims: Mapping[str, Any]) -> _Verified:
    now = clock.now().timestamp()
    latest = now + LEEWAY.total_seconds()
    expires_at = _instant(claims, "exp")
    if expires_at is None or now >= expires_at + LEEWAY.total_seconds():
        raise TokenRefused("the token has expired, or says not when it will")
    for name in ("nbf", "iat"):
        instant = _instant(claims, name)
        if instant is not None and instant > latest:
            raise TokenRefused(f"the token's {name} lies in the future")
    if not _is_for_us(issuer, claims.get("aud")):
        raise TokenRefused("the token is meant for another audience")
    if issuer.payload_type and claims.get("typ") != issuer.payload_type:
        raise TokenRefused("the token is not an access token")
    roles, rights = issuer.roles_of(claims)
    principal = Principal(
        issuer=issuer.issuer,
        subject=_text(claims, "sub"),
        roles=roles,
        rights=rights,
        client_id=_text(claims, "azp", "client_id", optional=True),
        session_id=_text(claims, "sid", optional=True),
        token_id=_text(claims, "jti", optional=True),
    )
    return _Verified(principal, expires_at, now)


def _is_for_us(issuer: Issuer, audience: Any) -> bool:
    if isinstance(audience, list):
        return issuer.takes_audience_list and issuer.audience in audience
    return bool(audience == issuer.audience)


def _read_parts(raw: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
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


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None and name != "exp":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 40:
        raise TokenRefused(f"the token's {name} is no instant")
    return value


def _text(claims: Mapping[str, Any], *names: str, optional: bool = False) -> str:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and 0 < len(value) <= 500:
            return value
    if optional:
        return ""
    raise TokenRefused(f"the token has no {names[0]}")


@lru_cache(maxsize=1)
def verifier() -> TokenVerifier:
    """The process's verifier, with the configured issuers."""
    return TokenVerifier(
        issuers=configured_issuers(), keys=KeyStore(), is_revoked=revocation.revoked().covers
    )
