"""An operator's browser at the admin."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from tests.integration.infra.oidc.portal import PASSWORD

ADMIN = "http://localhost:8000"


class OperatorBrowser:
    """One browser with its session."""

    def __init__(self) -> None:
        self.http = Client(headers={"Host": "localhost:8000"})

    def start(self, **fields: str) -> str:
        """The provider's address that the button leads to."""
        answer = self.http.get("/admin/sign-in", fields)
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def follow(self, address: str) -> Any:
        """The answer at an address of this installation."""
        assert address.startswith((ADMIN, "/")), address
        return self.http.get(address.removeprefix(ADMIN))

    def sign_in(self, username: str, **fields: str) -> Any:
        """The callback's answer after the whole way through the embedded provider."""
        return self.follow(self.callback_address(username, **fields))

    def callback_address(self, username: str, **fields: str) -> str:
        """Where the embedded provider leads back to after the password."""
        to_form = self.follow(self.start(**fields))
        after = parse_qs(urlsplit(to_form["Location"]).query)["next"][0]
        typed = {"username": username, "password": PASSWORD, "next": after}
        signed_in = self.http.post("/oidc/login", typed)
        return str(self.follow(signed_in["Location"])["Location"])

    def is_in(self) -> bool:
        """True when the admin leads on from its sign-in page."""
        return bool(self.http.get("/admin/login/").status_code == 302)

    def age(self) -> None:
        """Lets the time come at which the session has to be renewed."""
        session = self.http.session
        session["staff"] = {**session["staff"], "fresh_until": 0.0}
        session.save()
