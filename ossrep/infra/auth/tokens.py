"""Access tokens: from the raw text to a principal, or a refusal. Everything unusual is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ossrep.infra.auth import revocation
from ossrep.infra.auth.issuers import Issuer, configured_issuers
from ossrep.infra.auth.keys import KeyStore
from ossrep.infra.auth.principal import Principal
from ossrep.infra.auth.signed import (
    LEEWAY,
    check_times,
    instant_of,
    is_for,
    read_signed,
    text_of,
)
from ossrep.infra.auth.signed import TOKEN_LENGTH_MAX as TOKEN_LENGTH_MAX
from ossrep.infra.auth.signed import TokenRefused as TokenRefused
from ossrep.kernel import clock

VERIFIED_MAX = 10_000
# A key that was taken back must not live on in tokens that it once verified; with
# ``keys.KEPT_SECONDS`` less than five minutes.
VERIFIED_SECONDS = 140
# What ended access is remembered for: no token may be in force for longer.
TOKEN_LIFE_MAX = dt.timedelta(days=1)


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
        """The caller. Raises TokenRefused, or CannotVerify when one who must be asked is silent."""
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
        issuer, claims = read_signed(
            raw, issuers=self._issuers, keys=self._keys, types=lambda issuer: issuer.types
        )
        return _judged(issuer, claims)


def _judged(issuer: Issuer, claims: Mapping[str, Any]) -> _Verified:
    now = clock.now().timestamp()
    expires_at = check_times(claims)
    if expires_at > now + (TOKEN_LIFE_MAX + LEEWAY).total_seconds():
        raise TokenRefused("the token would be in force for more than a day")
    audience = claims.get("aud")
    if isinstance(audience, list) and not issuer.takes_audience_list:
        raise TokenRefused("the token has a list of audiences")
    if not is_for(issuer.audience, audience):
        raise TokenRefused("the token is meant for another audience")
    if issuer.payload_type and claims.get("typ") != issuer.payload_type:
        raise TokenRefused("the token is not an access token")
    roles, rights = issuer.roles_of(claims)
    principal = Principal(
        issuer=issuer.issuer,
        subject=text_of(claims, "sub"),
        roles=roles,
        rights=rights,
        client_id=text_of(claims, "azp", "client_id", optional=True),
        session_id=text_of(claims, "sid", optional=True),
        token_id=text_of(claims, "jti", optional=True),
        issued_at=instant_of(claims, "iat") or 0,
        email=text_of(claims, "email", optional=True),
        # Only the word true itself: "true", 1 and the like are somebody's mistake.
        is_email_verified=claims.get("email_verified") is True,
    )
    return _Verified(principal, expires_at, now)


@lru_cache(maxsize=1)
def verifier() -> TokenVerifier:
    """The process's verifier, with the configured issuers."""
    return TokenVerifier(
        issuers=configured_issuers(), keys=KeyStore(), is_revoked=revocation.revoked().covers
    )
