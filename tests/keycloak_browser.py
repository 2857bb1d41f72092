"""A browser at Keycloak that fills in the login form; and what the administrator does."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from deploy.keycloak import KeycloakNode
from deploy.keycloak.node import ADMINISTRATOR, REALM

_FORM = re.compile(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"')
PORTAL = "ossrep-customer-portal"


class KeycloakBrowser:
    """One browser with its own cookies; close it."""

    def __init__(self, node: KeycloakNode) -> None:
        self.node = node
        self.http = httpx.Client(
            follow_redirects=False, timeout=30, event_hooks={"response": [self._trust_loopback]}
        )
        self.verifier = secrets.token_urlsafe(48)

    def __enter__(self) -> KeycloakBrowser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def _trust_loopback(self, answer: httpx.Response) -> None:
        """As browsers do: what this machine sets as secure goes back to it over http, too."""
        for cookie in self.http.cookies.jar:
            cookie.secure = False

    def authorize(self, **fields: str | None) -> httpx.Response:
        """The answer to the portal's authorization request; ``None`` leaves a field out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        sent = {
            "response_type": "code",
            "client_id": PORTAL,
            "redirect_uri": self.node.settings.portal_url,
            "scope": "openid profile email",
            "state": "state-1",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **fields,
        }
        return self.http.get(
            f"{self.node.issuer}/protocol/openid-connect/auth",
            params={name: text for name, text in sent.items() if text is not None},
        )

    def sign_in(self, page: httpx.Response, *, username: str, password: str = "") -> httpx.Response:
        """The answer to the filled-in form of a login page."""
        found = _FORM.search(page.text)
        assert found, page.text[:2000]
        return self.http.post(
            html.unescape(found[1]),
            data={
                "username": username,
                "password": password or self.node.settings.user_password,
                "credentialId": "",
            },
        )

    def tokens(self, *, username: str) -> dict[str, Any]:
        """The portal's tokens of a person, by the whole flow."""
        answer = self.sign_in(self.authorize(), username=username)
        assert answer.status_code == 302, answer.text[:2000]
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        return self._token_call(
            grant_type="authorization_code",
            client_id=PORTAL,
            code=code,
            redirect_uri=self.node.settings.portal_url,
            code_verifier=self.verifier,
        )

    def renewed(self, refresh_token: str) -> dict[str, Any]:
        """What the portal is given for a refresh token, or why nothing."""
        fields = {"grant_type": "refresh_token", "client_id": PORTAL}
        answer = self.http.post(
            f"{self.node.issuer}/protocol/openid-connect/token",
            data={**fields, "refresh_token": refresh_token},
        )
        return dict(answer.json())

    def service_token(self) -> str:
        """A service's own token."""
        given = self._token_call(
            grant_type="client_credentials",
            client_id="ossrep-service",
            client_secret=self.node.settings.service_secret,
        )
        return str(given["access_token"])

    def sign_out(self, id_token: str) -> None:
        """Logout that the portal asks for."""
        answer = self.http.get(
            f"{self.node.issuer}/protocol/openid-connect/logout",
            params={"id_token_hint": id_token},
        )
        assert answer.status_code == 200, answer.text[:2000]

    def _token_call(self, **fields: str) -> dict[str, Any]:
        answer = self.http.post(f"{self.node.issuer}/protocol/openid-connect/token", data=fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


class KeycloakAdministrator:
    """What the administrator of the realm does, by Keycloak's own interface; close it."""

    def __init__(self, node: KeycloakNode) -> None:
        self._realm = f"{node.url}/admin/realms/{REALM}"
        answer = httpx.post(
            f"{node.url}/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": ADMINISTRATOR,
                "password": node.administrator_password,
            },
            timeout=30,
        )
        bearer = f"Bearer {answer.raise_for_status().json()['access_token']}"
        self._http = httpx.Client(headers={"Authorization": bearer}, timeout=30)

    def __enter__(self) -> KeycloakAdministrator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def send_logouts_to(self, url: str, *, client_id: str = PORTAL) -> None:
        """Where Keycloak tells that a session of the client has ended."""
        client = self._one("clients", clientId=client_id)
        client["attributes"]["backchannel.logout.url"] = url
        self._put(f"clients/{client['id']}", client)

    def set_enabled(self, username: str, *, enabled: bool) -> None:
        """Disables a person, or lets them in again."""
        user = self._one("users", username=username, exact="true")
        self._put(f"users/{user['id']}", {**user, "enabled": enabled})

    def sign_out(self, username: str) -> None:
        """Ends all sessions of a person."""
        user = self._one("users", username=username, exact="true")
        self._http.post(f"{self._realm}/users/{user['id']}/logout").raise_for_status()

    def _one(self, kind: str, **fields: str) -> dict[str, Any]:
        answer = self._http.get(f"{self._realm}/{kind}", params=fields)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        assert len(found) == 1
        return found[0]

    def _put(self, path: str, body: dict[str, Any]) -> None:
        self._http.put(f"{self._realm}/{path}", json=body).raise_for_status()
