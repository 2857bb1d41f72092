"""Sixty ways to write almost the registered address: none is taken, none is redirected to."""

from __future__ import annotations

import pytest

from tests.integration.infra.oidc.portal import REDIRECT_URI, Portal, query_of

pytestmark = pytest.mark.django_db(databases="__all__")

assert REDIRECT_URI == "https://portal.example/"
VARIANTS = [
    "",
    " ",
    "/",
    "//portal.example/",
    "portal.example/",
    "http://portal.example/",
    "HTTPS://portal.example/",
    "Https://portal.example/",
    "https://PORTAL.example/",
    "https://Portal.Example/",
    "https://portal.example",
    "https://portal.example//",
    "https://portal.example/.",
    "https://portal.example/./",
    "https://portal.example/..",
    "https://portal.example/../",
    "https://portal.example/%2e",
    "https://portal.example/%2e%2e/",
    "https://portal.example/%2f",
    "https://portal.example/?",
    "https://portal.example/?a=b",
    "https://portal.example/?code=mine",
    "https://portal.example/#",
    "https://portal.example/#a",
    "https://portal.example/#code=mine",
    "https://portal.example/;a",
    "https://portal.example/a",
    "https://portal.example/index.html",
    "https://portal.example/ ",
    " https://portal.example/",
    "\thttps://portal.example/",
    "https://portal.example/\t",
    "https://portal.example/\n",
    "https://portal.example/\r\nSet-Cookie: a=b",
    "https://portal.example/\x00",
    "https://portal.example\x00.evil.example/",
    "https://portal.example:443/",
    "https://portal.example:80/",
    "https://portal.example:8443/",
    "https://portal.example:/",
    "https://portal.example./",
    "https://portal.example.evil.example/",
    "https://evil.example/portal.example/",
    "https://evil.example/https://portal.example/",
    "https://evil.example#https://portal.example/",
    "https://evil.example?https://portal.example/",
    "https://evil.example\\@portal.example/",
    "https://portal.example\\.evil.example/",
    "https://portal.example@evil.example/",
    "https://user@portal.example/",
    "https://user:word@portal.example/",
    "https://@portal.example/",
    "https://sub.portal.example/",
    "https://*.example/",
    "https:/portal.example/",
    "https:///portal.example/",
    "https:portal.example/",
    "https:\\\\portal.example\\",
    "https://p\u043ertal.example/",
    "https://portal\u3002example/",
    "https://xn--prtal-9nf.example/",
    "https://portal.example/\u200b",
    "javascript:alert(1)//portal.example/",
    "data:text/html,https://portal.example/",
    "https://portal.example/,https://portal.example/other",
    "https://portal.example/ https://portal.example/other",
    "https://portal.example/\nhttps://portal.example/other",
]


class TestVariants:
    def test_are_at_least_sixty(self) -> None:
        assert len(set(VARIANTS)) >= 60

    @pytest.mark.parametrize("uri", VARIANTS, ids=range(len(VARIANTS)))
    def test_lead_nowhere(self, portal: Portal, uri: str) -> None:
        answer = portal.authorize(redirect_uri=uri)

        assert answer.status_code == 400
        assert "Location" not in answer

    @pytest.mark.parametrize("uri", VARIANTS, ids=range(len(VARIANTS)))
    def test_exchange_no_code(self, portal: Portal, uri: str) -> None:
        answer = portal.exchange(portal.code(), redirect_uri=uri)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize("uri", VARIANTS, ids=range(len(VARIANTS)))
    def test_are_not_followed_after_logout(self, portal: Portal, uri: str) -> None:
        hint = portal.tokens()["id_token"]

        answer = portal.http.get(
            "/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": uri}
        )

        assert answer.status_code == 200
        assert "Location" not in answer


class TestTwoAddresses:
    def test_lead_nowhere(self, portal: Portal) -> None:
        answer = portal.authorize(redirect_uri=[REDIRECT_URI, "https://evil.example/"])

        assert answer.status_code == 400


class TestClientId:
    @pytest.mark.parametrize(
        "sent", ["", "nobody", "ossrep-customer-portal\x00", " ossrep-customer-portal", "\x00"]
    )
    def test_is_taken_as_it_stands(self, portal: Portal, sent: str) -> None:
        assert portal.authorize(client_id=sent).status_code == 400


class TestState:
    def test_comes_back_as_it_was_and_adds_nothing(self, portal: Portal) -> None:
        state = "a&code=b\r\nSet-Cookie: c=d#\u00e9 %41"

        good = portal.authorize(state=state)
        bad = portal.authorize(state=state, scope="made_up")

        assert query_of(good)["state"] == state
        assert query_of(bad)["state"] == state
        assert "Set-Cookie" not in good
        assert "Set-Cookie" not in bad
