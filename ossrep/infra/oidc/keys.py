"""Signing keys: made once whoever comes first, replaced without refusing what is in force."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connections
from django.db.models import Q

from ossrep.infra import database
from ossrep.infra.oidc.issuer import GRANT_LIFE
from ossrep.infra.oidc.models import SigningKey
from ossrep.infra.oidc.secret_forms import new_secret, seal, unseal
from ossrep.kernel import clock

ALGORITHM = "RS256"
KEY_BITS = 2048


def signing_key() -> SigningKey:
    """The key that signs now; the first call of a new installation makes it."""
    found = SigningKey.objects.filter(published_until=None).first()
    if found is not None:
        return found
    with database.transaction("default"):
        _lock()
        found = SigningKey.objects.filter(published_until=None).first()
        return found or _create()


def rotate(*, is_stolen: bool = False) -> SigningKey:
    """A new key signs from now on; the old one stays published until all it signed has ended.

    ``is_stolen``: every earlier key is deleted at once, and what it signed is taken nowhere as soon
    as verifiers have read the keys again, after five minutes at most. Keys whose time is over are
    deleted.
    """
    with database.transaction("default"):
        _lock()
        now = clock.now()
        over = SigningKey.objects.all()
        (over if is_stolen else over.filter(published_until__lt=now)).delete()
        until = now + GRANT_LIFE + dt.timedelta(hours=1)
        SigningKey.objects.filter(published_until=None).update(published_until=until)
        return _create()


def public_keys() -> dict[str, Any]:
    """The JWKS: the signing key first, then the replaced ones in force."""
    newest = signing_key()
    return {"keys": [newest.public_jwk, *(key.public_jwk for key in _replaced())]}


def public_key(kid: str) -> Any | None:
    """The published key of that name, ready to verify with."""
    found = next((key for key in public_keys()["keys"] if key["kid"] == kid), None)
    return None if found is None else jwt.PyJWK(found, algorithm=ALGORITHM).key


def sign(claims: dict[str, Any], *, typ: str) -> str:
    """A signed JWT with the header ``typ``."""
    key = signing_key()
    private_key = _opened(key.kid, bytes(key.sealed_private_key))
    return jwt.encode(
        claims, private_key, algorithm=ALGORITHM, headers={"typ": typ, "kid": key.kid}
    )


def _replaced() -> list[SigningKey]:
    return list(SigningKey.objects.filter(published_until__gte=clock.now()).order_by("-created_at"))


def listed_keys() -> list[SigningKey]:
    """Every published key, the one that signs first."""
    in_force = Q(published_until=None) | Q(published_until__gte=clock.now())
    return list(SigningKey.objects.filter(in_force).order_by("-created_at"))


@lru_cache(maxsize=8)
def _opened(kid: str, sealed: bytes) -> rsa.RSAPrivateKey:
    opened = serialization.load_der_private_key(unseal(sealed, label=kid), password=None)
    return cast(rsa.RSAPrivateKey, opened)


def _lock() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ossrep.oidc.signing_key'))")


def _create() -> SigningKey:
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    kid = new_secret()[:22]
    plain = private_key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
    return SigningKey.objects.create(
        kid=kid,
        sealed_private_key=seal(plain, label=kid),
        public_jwk={
            "kty": jwk["kty"],
            "n": jwk["n"],
            "e": jwk["e"],
            "kid": kid,
            "use": "sig",
            "alg": ALGORITHM,
        },
        created_at=clock.now(),
    )
