"""Logout that a client asks for: verified hints, registered addresses, never an error page."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client

from ossrep.infra.oidc import keys
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID
from tests.integration.infra.oidc.portal import (
    AFTER_LOGOUT,
    Portal,
    make_user,
    query_of,
    refresh,
    userinfo,
)

pytestmark = pytest.mark.django_db(databases="__all__")


def is_signed_in(portal: Portal) -> bool:
    """True when the browser gets a code without a question."""
    return "code" in query_of(portal.authorize(prompt="none"))


def _encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged_hints(user: User) -> dict[str, str]:
    """Hints that this provider never signed."""
    kid = keys.signing_key().kid
    claims = {
        "iss": "http://localhost:8000/oidc",
        "aud": PORTAL_CLIENT_ID,
        "sub": str(user.pk),
        "iat": int(time.time()),
        "exp": int(time.time()) + 600,
    }
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = keys.public_key(kid)
    assert public is not None
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": kid}
    by_public_key = f"{_encoded(header)}.{_encoded(claims)}"
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(mac.sign(by_public_key.encode(), pem)).decode().rstrip("=")
    return {
        "unsigned": jwt.encode(claims, "", algorithm="none", headers={"kid": kid}),
        "no kid": jwt.encode(claims, other_key, algorithm="RS256"),
        "other key": jwt.encode(claims, other_key, algorithm="RS256", headers={"kid": kid}),
        "public key as secret": f"{by_public_key}.{signature}",
        "other issuer": keys.sign({**claims, "iss": "https://evil.example"}, typ="JWT"),
        "no audience": keys.sign({k: v for k, v in claims.items() if k != "aud"}, typ="JWT"),
        "access token": keys.sign(claims, typ="at+jwt"),
        "kid is a list": f"{_encoded({**header, 'kid': [kid]})}.{_encoded(claims)}.AA",
        "garbage": "garbage",
        "three dots": "...",
        "not base64": "%%%.%%%.%%%",
        "nul": "\x00",
        "long": "a" * 5000,
        "letters": "\u00e9.\u00e9.\u00e9",
        "header is a list": f"{_encoded([1])}.{_encoded(claims)}.AA",
        "claims are a list": keys.sign(claims, typ="JWT").split(".")[0] + f".{_encoded([1])}.AA",
        "empty parts": "e30.e30.",
    }


class TestForgedHint:
    def test_signs_nobody_out_and_leads_nowhere(self, portal: Portal, user: User) -> None:
        for name, hint in forged_hints(user).items():
            for method in (portal.http.get, portal.http.post):
                answer = method(
                    "/oidc/end-session",
                    {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT},
                )
                assert answer.status_code == 200, name
                assert "Sign out?" in answer.content.decode(), name
                assert AFTER_LOGOUT not in answer.content.decode(), name
        assert is_signed_in(portal)

    def test_of_a_stranger_leads_nowhere(self, user: User) -> None:
        for name, hint in forged_hints(user).items():
            answer = Client().get(
                "/oidc/end-session",
                {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT},
            )
            assert answer.status_code == 200, name
            assert "Location" not in answer, name


class TestOwnHint:
    def test_signs_out_and_leads_back_with_the_state(self, portal: Portal) -> None:
        given = portal.tokens()

        answer = portal.http.get(
            "/oidc/end-session",
            {
                "id_token_hint": given["id_token"],
                "post_logout_redirect_uri": AFTER_LOGOUT,
                "state": "s&t",
            },
        )

        assert answer["Location"] == f"{AFTER_LOGOUT}?state=s%26t"
        assert not is_signed_in(portal)
        assert userinfo(given["access_token"]).status_code == 401
        assert refresh(given["refresh_token"]).status_code == 400

    def test_ends_all_that_this_browser_was_given(self, portal: Portal) -> None:
        first, second = portal.tokens(), portal.tokens()
        under_way = portal.code()

        portal.http.get("/oidc/end-session", {"id_token_hint": second["id_token"]})

        assert refresh(first["refresh_token"]).status_code == 400
        assert portal.exchange(under_way).status_code == 400

    def test_leaves_other_browsers_of_the_user(self, portal: Portal, user: User) -> None:
        elsewhere = Portal(user).tokens()

        portal.http.get("/oidc/end-session", {"id_token_hint": portal.tokens()["id_token"]})

        assert refresh(elsewhere["refresh_token"]).status_code == 200

    def test_of_another_user_asks(self, portal: Portal) -> None:
        other = Portal(make_user("bob")).tokens()

        answer = portal.http.get("/oidc/end-session", {"id_token_hint": other["id_token"]})

        assert "Sign out?" in answer.content.decode()
        assert is_signed_in(portal)

    def test_with_another_clients_name_is_not_believed(self, portal: Portal) -> None:
        answer = portal.http.get(
            "/oidc/end-session",
            {"id_token_hint": portal.tokens()["id_token"], "client_id": "someone"},
        )

        assert "Sign out?" in answer.content.decode()


class TestNoHint:
    def test_asks_and_then_leads_to_a_registered_address(self, portal: Portal) -> None:
        fields = {"client_id": PORTAL_CLIENT_ID, "post_logout_redirect_uri": AFTER_LOGOUT}

        page = portal.http.get("/oidc/end-session", fields)
        still = is_signed_in(portal)
        answer = portal.http.post("/oidc/end-session/confirmed", fields)

        assert "Customer portal asks" in page.content.decode()
        assert "form-action 'self' https://portal.example" in page["Content-Security-Policy"]
        assert still
        assert answer["Location"] == AFTER_LOGOUT
        assert not is_signed_in(portal)

    def test_lets_the_user_stay(self, portal: Portal) -> None:
        answer = portal.http.post("/oidc/end-session/confirmed", {"stay": "1"})

        assert "still signed in" in answer.content.decode()
        assert is_signed_in(portal)

    @pytest.mark.parametrize("client_id", ["", "nobody", "\x00", "a" * 300])
    def test_never_fails(self, portal: Portal, client_id: str) -> None:
        answer = portal.http.get("/oidc/end-session", {"client_id": client_id})

        assert answer.status_code == 200

    def test_confirmation_takes_no_form_of_another_site(self, user: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user)

        assert strict.post("/oidc/end-session/confirmed").status_code == 403
