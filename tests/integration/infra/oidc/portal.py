"""A portal as the provider meets it: a browser with a session, PKCE, the token endpoint."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.contrib.auth.models import Group, User
from django.test import Client

from ossrep.infra.oidc import keys
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID, register_portal

REDIRECT_URI = "https://portal.example/"
OTHER_REDIRECT_URI = "https://portal.example/other"
AFTER_LOGOUT = "https://portal.example/bye"
PASSWORD = "long-Winter-evening-7"
VERIFIER = "v" * 43


def challenge(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def make_user(username: str = "ana", *, role: str = "customer") -> User:
    """A user with names, e-mail and one role."""
    user = User.objects.create_user(
        username, "ana@example.com", PASSWORD, first_name="Ana", last_name="Ruiz"
    )
    user.groups.add(Group.objects.get(name=role))
    return user


def register() -> None:
    """The customer portal's client."""
    register_portal(
        client_id=PORTAL_CLIENT_ID,
        name="Customer portal",
        redirect_uris=[REDIRECT_URI, OTHER_REDIRECT_URI],
        post_logout_redirect_uris=[AFTER_LOGOUT],
    )


class Portal:
    """One browser that uses one client."""

    def __init__(self, user: User | None = None) -> None:
        self.http = Client()
        if user is not None:
            answer = self.http.post(
                "/oidc/login", {"username": user.username, "password": PASSWORD}
            )
            assert answer.status_code == 302

    def authorize(self, **fields: Any) -> Any:
        """The answer to an authorization request; ``None`` leaves a field out."""
        sent = {
            "response_type": "code",
            "client_id": PORTAL_CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **fields,
        }
        return self.http.get("/oidc/authorize", {n: v for n, v in sent.items() if v is not None})

    def code(self, **fields: Any) -> str:
        """A code of this browser's user."""
        return query_of(self.authorize(**fields))["code"]

    def exchange(self, code: str, **fields: Any) -> Any:
        """The token endpoint's answer to a code."""
        sent = {
            "grant_type": "authorization_code",
            "client_id": PORTAL_CLIENT_ID,
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            **fields,
        }
        return token({name: value for name, value in sent.items() if value is not None})

    def tokens(self, **fields: Any) -> dict[str, Any]:
        """Tokens by the whole flow."""
        answer = self.exchange(self.code(**fields))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


def refresh(refresh_token: str, **fields: Any) -> Any:
    """The token endpoint's answer to a refresh token."""
    return token(
        {
            "grant_type": "refresh_token",
            "client_id": PORTAL_CLIENT_ID,
            "refresh_token": refresh_token,
            **fields,
        }
    )


def token(fields: dict[str, Any], **extra: Any) -> Any:
    """The token endpoint's answer, without a session."""
    return Client().post("/oidc/token", fields, **extra)


def userinfo(access_token: str) -> Any:
    """The userinfo endpoint's answer."""
    return Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def query_of(answer: Any) -> dict[str, str]:
    """The query of the address that an answer redirects to."""
    assert answer.status_code == 302, answer.content
    found = parse_qs(urlsplit(answer["Location"]).query)
    return {name: values[0] for name, values in found.items()}


def claims_of(raw: str, *, audience: str) -> dict[str, Any]:
    """Claims of a token, its signature, audience and times checked."""
    key = keys.public_key(jwt.get_unverified_header(raw)["kid"])
    assert key is not None
    return dict(jwt.decode(raw, key, algorithms=["RS256"], audience=audience))
