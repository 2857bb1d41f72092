"""Forty tokens that nobody may come in with, against real keys and a real key address."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ossrep.infra.auth.issuers import read_issuers
from ossrep.infra.auth.keys import KeyStore
from ossrep.infra.auth.tokens import TokenRefused, TokenVerifier
from ossrep.kernel import clock
from tests.token_issuer import TokenIssuer

Forge = Callable[[TokenIssuer], str]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(header: Mapping[str, Any] | str, claims: Mapping[str, Any] | str, issuer: Any) -> str:
    """Signed with the issuer's real RSA key, whatever header and claims say."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    signed = ".".join(_b64(part.encode()) for part in parts)
    signer = jwt.get_algorithm_by_name("RS256")
    return f"{signed}.{_b64(signer.sign(signed.encode(), issuer.rsa_key))}"


def _unsigned(alg: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        header = {"alg": alg, "typ": "at+jwt", "kid": "rsa-1"}
        parts = [_b64(json.dumps(part).encode()) for part in (header, issuer.claims())]
        return f"{parts[0]}.{parts[1]}."

    return forge


def _none_with_signature(issuer: TokenIssuer) -> str:
    return _raw({"alg": "none", "typ": "at+jwt", "kid": "rsa-1"}, issuer.claims(), issuer)


def _hmac(hash_name: str, alg: str) -> Forge:
    def forge(issuer: TokenIssuer) -> str:
        public = issuer.rsa_key.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header = {"alg": alg, "typ": "at+jwt", "kid": "rsa-1"}
        signed = ".".join(_b64(json.dumps(p).encode()) for p in (header, issuer.claims()))
        return f"{signed}.{_b64(hmac.new(pem, signed.encode(), hash_name).digest())}"

    return forge


def _headers(**headers: Any) -> Forge:
    return lambda issuer: _raw(
        {"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1", **headers}, issuer.claims(), issuer
    )


def _without_header(name: str) -> Forge:
    header = {"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"}
    del header[name]
    return lambda issuer: _raw(header, issuer.claims(), issuer)


def _claims(**claims: Any) -> Forge:
    return lambda issuer: issuer.token(**claims)


def _text_claim(name: str, text: str) -> Forge:
    """A claim as written, for what json.dumps would not write."""

    def forge(issuer: TokenIssuer) -> str:
        claims = json.dumps(issuer.claims(**{name: None}))
        header = {"alg": "RS256", "typ": "at+jwt", "kid": "rsa-1"}
        return _raw(header, f'{claims[:-1]}, "{name}": {text}}}', issuer)

    return forge


def _in(seconds: int) -> int:
    return int(dt.datetime.now(dt.UTC).timestamp()) + seconds


def _own_key(issuer: TokenIssuer) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = {"typ": "at+jwt", "kid": "rsa-1"}
    return jwt.encode(issuer.claims(), key, algorithm="RS256", headers=headers)


def _embedded_key(issuer: TokenIssuer) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    headers = {"typ": "at+jwt", "kid": "ec-1", "jwk": jwk}
    return jwt.encode(issuer.claims(), key, algorithm="ES256", headers=headers)


def _zero_signature(issuer: TokenIssuer) -> str:
    head = issuer.token(kid="ec-1").rsplit(".", 1)[0]
    return f"{head}.{_b64(bytes(64))}"


def _changed_claims(issuer: TokenIssuer) -> str:
    header, _, signature = issuer.token().split(".")
    claims = _b64(json.dumps(issuer.claims(roles=["admin"])).encode())
    return f"{header}.{claims}.{signature}"


def _other_key_of_the_issuer(issuer: TokenIssuer) -> str:
    return _raw({"alg": "ES256", "typ": "at+jwt", "kid": "rsa-1"}, issuer.claims(), issuer)


FORGED: dict[str, Forge] = {
    **{f"alg {alg}": _unsigned(alg) for alg in ("none", "None", "NONE", "nOnE")},
    "alg none with a signature": _none_with_signature,
    "HS256 with the RSA key": _hmac("sha256", "HS256"),
    "HS512 with the RSA key": _hmac("sha512", "HS512"),
    "alg missing": _without_header("alg"),
    "RS384": _headers(alg="RS384"),
    "kid is a path": _headers(kid="../../../../dev/null"),
    "kid is SQL": _headers(kid="x' UNION SELECT 'key"),
    "kid is an address": _headers(kid="http://127.0.0.1:1/jwks.json"),
    "kid unknown": _headers(kid="rsa-2"),
    "kid missing": _without_header("kid"),
    "kid is a number": _headers(kid=1),
    "jku": _headers(jku="http://127.0.0.1:1/jwks.json"),
    "x5u": _headers(x5u="http://127.0.0.1:1/cert.pem"),
    "x5c": _headers(x5c=["MIIB"]),
    "jwk": _embedded_key,
    "crit": _headers(crit=["exp"]),
    "b64 false": _headers(b64=False),
    "zip": _headers(zip="DEF"),
    "ECDSA signature of zeros": _zero_signature,
    "another key of the issuer": _other_key_of_the_issuer,
    "key of the forger": _own_key,
    "claims changed": _changed_claims,
    "iss wrong": _claims(iss="https://issuer.example.evil"),
    "iss with a slash": _claims(iss="https://issuer.example/"),
    "aud wrong": _claims(aud="another-api"),
    "aud a list": _claims(aud=["another-api", "ossrep-api"]),
    "aud missing": _claims(aud=None),
    "typ wrong": _headers(typ="logout+jwt"),
    "ID token": _headers(typ="JWT"),
    "exp missing": _claims(exp=None),
    "exp past": lambda issuer: issuer.token(exp=_in(-40)),
    "exp a text": lambda issuer: issuer.token(exp=str(_in(300))),
    "exp 1e400": _text_claim("exp", "1e400"),
    "exp NaN": _text_claim("exp", "NaN"),
    "nbf in the future": lambda issuer: issuer.token(nbf=_in(120)),
    "iat in the future": lambda issuer: issuer.token(iat=_in(120)),
    "claim given twice": _text_claim("iss", '"https://issuer.example", "sub": "subject-2"'),
    "sub missing": _claims(sub=None),
    "a megabyte": _claims(filler="x" * 1_000_000),
    "not a token": lambda issuer: "a.b",
    "encrypted": lambda issuer: f"{issuer.token()}.x.y",
    "white space inside": lambda issuer: issuer.token().replace(".", " .", 1),
}


@pytest.fixture
def verifier(running_issuer: TokenIssuer) -> TokenVerifier:
    return TokenVerifier(
        issuers=read_issuers([running_issuer.entry()]),
        keys=KeyStore(),
        is_revoked=lambda principal: False,
    )


class TestForgedTokens:
    def test_are_forty_and_more(self) -> None:
        assert len(FORGED) == 46

    @pytest.mark.parametrize("name", FORGED)
    def test_are_refused(
        self, name: str, verifier: TokenVerifier, running_issuer: TokenIssuer
    ) -> None:
        verifier.verify(running_issuer.token())
        token = FORGED[name](running_issuer)

        with pytest.raises(TokenRefused):
            verifier.verify(token)
        with pytest.raises(TokenRefused):
            verifier.verify(token)

    def test_cost_no_fetch_and_no_time(
        self, verifier: TokenVerifier, running_issuer: TokenIssuer
    ) -> None:
        verifier.verify(running_issuer.token())
        tokens = [forge(running_issuer) for forge in FORGED.values()]
        fetches = running_issuer.fetches
        started = time.process_time()

        for token in tokens:
            with pytest.raises(TokenRefused):
                verifier.verify(token)

        assert running_issuer.fetches == fetches
        assert (time.process_time() - started) / len(tokens) < 0.05


class TestGoodTokens:
    def test_are_taken_from_both_kinds_of_keys(
        self, verifier: TokenVerifier, running_issuer: TokenIssuer
    ) -> None:
        for kid in ("rsa-1", "ec-1"):
            principal = verifier.verify(running_issuer.token(kid=kid, roles=["csr", "nobody"]))

            assert principal.roles == {"csr"}
            assert principal.subject == "subject-1"
            assert principal.client_id == "ossrep-customer-portal"
            assert principal.session_id == "session-1"
            assert principal.token_id == "token-1"

    def test_of_a_foreign_role_get_its_scoped_right_only(
        self, verifier: TokenVerifier, running_issuer: TokenIssuer
    ) -> None:
        roles = ["centerpoint-service-point-admin", "Admin", "exarep-service-point-admin"]

        principal = verifier.verify(running_issuer.token(roles=roles))

        assert principal.roles == frozenset()
        assert principal.rights == {"service-point:admin"}

    def test_with_roles_of_a_strange_form_have_none(
        self, verifier: TokenVerifier, running_issuer: TokenIssuer
    ) -> None:
        for strange in ({"roles": "admin"}, "admin", {"roles": [["admin"], {"a": 1}, None]}):
            principal = verifier.verify(running_issuer.token(realm_access=strange))

            assert principal.roles == frozenset()

    def test_of_keycloak_need_their_payload_type(self, running_issuer: TokenIssuer) -> None:
        entry = running_issuer.entry(types=["JWT"], payload_type="Bearer", takes_audience_list=True)
        verifier = TokenVerifier(
            issuers=read_issuers([entry]), keys=KeyStore(), is_revoked=lambda principal: False
        )
        headers = {"typ": "JWT"}
        audiences = ["account", "ossrep-api"]

        good = running_issuer.token(headers=headers, typ="Bearer", aud=audiences)
        identity = running_issuer.token(headers=headers, typ="ID", aud=audiences)

        assert verifier.verify(good).subject == "subject-1"
        with pytest.raises(TokenRefused, match="not an access token"):
            verifier.verify(identity)

    def test_that_were_verified_expire_all_the_same(self, running_issuer: TokenIssuer) -> None:
        verifier = TokenVerifier(
            issuers=read_issuers([running_issuer.entry()]),
            keys=KeyStore(),
            is_revoked=lambda principal: False,
        )
        token = running_issuer.token()
        verifier.verify(token)
        later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=331)

        with clock.standing_at(later), pytest.raises(TokenRefused, match="expired"):
            verifier.verify(token)

    def test_do_not_outlive_their_key(self) -> None:
        issuer, seconds = TokenIssuer(), [0.0]
        verifier = TokenVerifier(
            issuers=read_issuers([issuer.entry()]),
            keys=KeyStore(monotonic=lambda: seconds[0]),
            is_revoked=lambda principal: False,
        )
        token = issuer.token(exp=_in(86_400))
        verifier.verify(token)
        del issuer.keys["rsa-1"]
        seconds[0] = 301.0
        later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=301)

        with clock.standing_at(later), pytest.raises(TokenRefused, match="not one of its issuer"):
            verifier.verify(token)
        issuer.close()
