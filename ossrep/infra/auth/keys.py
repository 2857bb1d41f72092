"""Public keys of the issuers: kept for minutes, fetched anew for an unknown key, with a limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from django.utils.module_loading import import_string

from ossrep.infra.auth.issuers import Issuer
from ossrep.kernel.errors import DomainError

# With ``tokens.VERIFIED_SECONDS`` less than the five minutes after which a stolen key is dead.
KEPT_SECONDS = 150.0
FORCED_EVERY_SECONDS = 10.0
# Keys of this process's own provider cost a query, and a rotated key signs at once.
FORCED_EVERY_SECONDS_HERE = 0.5
KEYS_MAX = 32
DOCUMENT_BYTES_MAX = 200_000
TIMEOUT_SECONDS = 3.0


class CannotVerify(DomainError):
    """Whether a token is in force cannot be told now: neither let in nor refused."""

    code = "cannot_verify"


class KeysUnavailable(CannotVerify):
    """An issuer's keys cannot be had, so nothing of it can be verified."""

    code = "keys_unavailable"


@dataclass(slots=True)
class _Kept:
    keys: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    read_at: float = float("-inf")
    tried_at: float = float("-inf")


class KeyStore:
    """Keys by issuer and ``kid``; one instance for a process, used by all its threads.

    A key that an issuer takes back is forgotten within ``KEPT_SECONDS``. An unknown ``kid`` asks
    the issuer at most once in ``FORCED_EVERY_SECONDS``, whatever callers send; the provider in
    this process more often.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def find(self, *, issuer: Issuer, kid: str) -> jwt.PyJWK | None:
        """The key, or None. Raises KeysUnavailable when the issuer was never heard."""
        with self._lock:
            kept = self._kept.setdefault(issuer.issuer, _Kept())
            now = self._monotonic()
            is_old = now - kept.read_at > KEPT_SECONDS
            pause = FORCED_EVERY_SECONDS_HERE if issuer.jwks else FORCED_EVERY_SECONDS
            may_ask = now - kept.tried_at > pause
            if (is_old or kid not in kept.keys) and may_ask:
                self._refresh(issuer, kept, now)
            if now - kept.read_at > KEPT_SECONDS:
                raise KeysUnavailable("the issuer's keys cannot be read", where=issuer.issuer)
            return kept.keys.get(kid)

    def _refresh(self, issuer: Issuer, kept: _Kept, now: float) -> None:
        kept.tried_at = now
        try:
            kept.keys = _usable(_document(issuer), issuer)
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            if now - kept.read_at > KEPT_SECONDS:
                raise KeysUnavailable(
                    f"the issuer's keys cannot be read: {error}", where=issuer.issuer
                ) from error
            return
        kept.read_at = now


def _document(issuer: Issuer) -> Any:
    if issuer.jwks:
        return import_string(issuer.jwks)()
    # No redirects: the address of the keys is the configured one or none.
    with httpx.stream(
        "GET", issuer.jwks_url, timeout=TIMEOUT_SECONDS, follow_redirects=False
    ) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"status {answer.status_code}")
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > DOCUMENT_BYTES_MAX:
                raise ValueError("the key document is too large")
    return httpx.Response(200, content=body).json()


def _usable(document: Any, issuer: Issuer) -> dict[str, jwt.PyJWK]:
    """Signing keys of the allowed algorithms, public ones only; others are passed over."""
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise ValueError("the key document has no list keys")
    families = {"RS256": "RSA", "ES256": "EC"}
    wanted = {families[name]: name for name in issuer.algorithms}
    found: dict[str, jwt.PyJWK] = {}
    for entry in entries[:KEYS_MAX]:
        algorithm = wanted.get(entry.get("kty"))
        is_ours = algorithm and entry.get("alg", algorithm) == algorithm
        if is_ours and entry.get("use", "sig") == "sig" and entry.get("kid"):
            found[str(entry["kid"])] = jwt.PyJWK(entry, algorithm=algorithm)
    return found
