"""How secrets are kept: hashed where they are only compared, sealed where they are used."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from ossrep.infra.secrets import kept_secret
from ossrep.kernel.errors import DomainError

_NONCE_BYTES = 12
_HASHED = "sha256$"


class SealBroken(DomainError):
    """A sealed secret was sealed with another key, or changed since."""

    code = "seal_broken"


def new_secret() -> str:
    """256 random bits, for addresses and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a random secret. (Only for such: a password would be guessed from it.)"""
    return hashlib.sha256(secret.encode()).hexdigest()


def hashed_client_secret(secret: str) -> str:
    """What a client's record keeps of its generated secret."""
    return _HASHED + digest(secret)


def is_client_secret(secret: str, *, kept: str) -> bool:
    """True when ``secret`` is the one that ``kept`` was made of; never for an empty one."""
    return bool(secret) and hmac.compare_digest(hashed_client_secret(secret), kept)


def seal(plain: bytes, *, label: str) -> bytes:
    """AES-256-GCM; ``label`` is bound to it, so that sealed rows cannot be exchanged."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_sealing_key()).encrypt(nonce, plain, label.encode())


def unseal(sealed: bytes, *, label: str) -> bytes:
    """What was sealed. Raises SealBroken."""
    try:
        return AESGCM(_sealing_key()).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode()
        )
    except InvalidTag as error:
        raise SealBroken(
            "this was sealed with another OSSREP_OIDC_SEALING_KEY; give that one back, or rotate "
            "the keys with manage.py oidc_key rotate",
            where=label,
        ) from error


def _sealing_key() -> bytes:
    secret = settings.OSSREP_OIDC_SEALING_KEY or kept_secret(
        path=settings.VAR_DIR / "oidc_sealing_key"
    )
    return hashlib.sha256(secret.encode()).digest()
