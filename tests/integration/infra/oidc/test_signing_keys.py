"""Keys rotate without refusing valid tokens, and are of no use from a copy of the database."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import call_command
from django.test import Client

from ossrep.infra.auth import issuers
from ossrep.infra.auth.keys import FORCED_EVERY_SECONDS_HERE, KeyStore
from ossrep.infra.auth.tokens import TokenRefused, TokenVerifier, verifier
from ossrep.infra.oidc import keys
from ossrep.infra.oidc.models import SigningKey
from ossrep.infra.oidc.secret_forms import SealBroken, seal, unseal
from ossrep.kernel import clock
from tests.integration.infra.oidc.portal import Portal, refresh, userinfo

pytestmark = pytest.mark.django_db(databases="__all__")


class TestRotation:
    def test_keeps_tokens_in_force(self, portal: Portal) -> None:
        before = portal.tokens()["access_token"]
        verifier().verify(before)

        call_command("oidc_key", "rotate")
        after = portal.tokens()["access_token"]
        verifier.cache_clear()

        for raw in (before, after):
            assert userinfo(raw).status_code == 200
            assert verifier().verify(raw).roles == {"customer"}
        assert len(Client().get("/oidc/jwks").json()["keys"]) == 2

    def test_reaches_those_who_verify_all_the_while(self, portal: Portal) -> None:
        def refresh_and_verify() -> str:
            given.update(refresh(given["refresh_token"]).json())
            verifier().verify(given["access_token"])
            return str(jwt.get_unverified_header(given["access_token"])["kid"])

        given = portal.tokens()
        every = [given["access_token"]]
        verifier().verify(every[0])
        signed_by = []
        for _ in range(3):
            time.sleep(FORCED_EVERY_SECONDS_HERE + 0.1)
            keys.rotate()
            for _ in range(2):
                signed_by.append(refresh_and_verify())
                every.append(given["access_token"])
                for raw in every:
                    verifier().verify(raw)

        assert len(set(signed_by)) == 3

    def test_signs_with_the_new_key(self, portal: Portal) -> None:
        old = keys.signing_key().kid
        new = keys.rotate().kid

        assert new != old
        assert keys.signing_key().kid == new

    def test_takes_back_a_key_when_all_it_signed_has_ended(self, db: None) -> None:
        old = keys.signing_key().kid
        keys.rotate()

        with clock.standing_at(clock.now() + dt.timedelta(hours=14)):
            published = [key["kid"] for key in keys.public_keys()["keys"]]
            keys.rotate()

        assert old not in published
        assert not SigningKey.objects.filter(kid=old).exists()


class TestStolenKey:
    def test_is_dead_within_five_minutes_in_verified_tokens_too(self, portal: Portal) -> None:
        given, began, passed_s = portal.tokens(), clock.now(), [0.0]
        stolen = keys.signing_key()
        forged = _signed_with(
            stolen, {**_claims(given["access_token"]), "exp": _in_hours(began, 5)}
        )
        verify = TokenVerifier(
            issuers=issuers.configured_issuers(),
            keys=KeyStore(monotonic=lambda: passed_s[0]),
            is_revoked=lambda principal: False,
        ).verify
        verify(forged)

        call_command("oidc_key", "rotate", "--stolen")

        renewed = refresh(given["refresh_token"]).json()["access_token"]
        taken = []
        # Every ten seconds somebody brings it, so that it stays among the verified ones.
        for passed_s[0] in range(1, 300, 10):
            with clock.standing_at(began + dt.timedelta(seconds=passed_s[0])):
                taken.append(_is_taken(verify, forged))
        assert taken[0]
        assert not taken[-1]
        assert taken == sorted(taken, reverse=True)
        with clock.standing_at(began + dt.timedelta(seconds=290)):
            assert verify(renewed).roles == {"customer"}
        assert [key.kid for key in keys.listed_keys()] == [keys.signing_key().kid]


def _claims(raw: str) -> dict[str, Any]:
    return dict(jwt.decode(raw, options={"verify_signature": False}))


def _in_hours(instant: dt.datetime, hours: int) -> int:
    return int((instant + dt.timedelta(hours=hours)).timestamp())


def _signed_with(key: SigningKey, claims: dict[str, Any]) -> str:
    plain = unseal(bytes(key.sealed_private_key), label=key.kid)
    private_key: Any = serialization.load_der_private_key(plain, password=None)
    headers = {"typ": "at+jwt", "kid": key.kid}
    return jwt.encode(claims, private_key, algorithm="RS256", headers=headers)


def _is_taken(verify: Callable[[str], Any], raw: str) -> bool:
    try:
        verify(raw)
    except TokenRefused:
        return False
    return True


class TestPublishedKeys:
    def test_have_no_private_part(self, db: None) -> None:
        document = Client().get("/oidc/jwks").json()

        assert [sorted(key) for key in document["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]]


class TestSeal:
    def test_opens_with_its_own_label_and_key_only(self, settings: Any) -> None:
        settings.OSSREP_OIDC_SEALING_KEY = "one"
        sealed = seal(b"private", label="key-1")

        assert b"private" not in sealed
        assert unseal(sealed, label="key-1") == b"private"
        with pytest.raises(SealBroken, match="OSSREP_OIDC_SEALING_KEY"):
            unseal(sealed, label="key-2")
        settings.OSSREP_OIDC_SEALING_KEY = "two"
        with pytest.raises(SealBroken):
            unseal(sealed, label="key-1")
