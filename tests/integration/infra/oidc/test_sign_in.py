"""The sign-in page: who gets in, how often it may be tried, where it leads."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ossrep.infra.oidc.clients import register_portal
from ossrep.infra.oidc.throttle import NAME_AT_ADDRESS_FREE
from ossrep.kernel import clock
from tests.integration.infra.oidc.portal import (
    PASSWORD,
    REDIRECT_URI,
    Portal,
    challenge,
    query_of,
)

pytestmark = pytest.mark.django_db(databases="__all__")


class TestSignIn:
    def test_leads_from_the_client_and_back_to_it(self, user: User) -> None:
        portal = Portal()
        asked = portal.authorize()
        page = portal.http.get(asked["Location"])
        after = portal.http.post(
            "/oidc/login",
            {"username": "ana", "password": PASSWORD, "next": query_of(asked)["next"]},
        )
        answer = portal.http.get(after["Location"])

        assert page.status_code == 200
        assert "form-action 'self' https://portal.example" in page["Content-Security-Policy"]
        assert "unsafe-inline" not in page["Content-Security-Policy"]
        assert "no-store" in page["Cache-Control"]
        assert answer["Location"].startswith(f"{REDIRECT_URI}?code=")

    @pytest.mark.parametrize(
        "after", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"]
    )
    def test_leads_to_no_foreign_address(self, user: User, after: str) -> None:
        answer = Client().post(
            "/oidc/login", {"username": "ana", "password": PASSWORD, "next": after}
        )
        page = Client().get("/oidc/login", {"next": after})

        assert answer["Location"] == "/oidc/signed-in"
        assert "evil" not in page["Content-Security-Policy"]

    def test_policy_names_registered_addresses_only(self, user: User) -> None:
        after = "/oidc/authorize?client_id=ossrep-customer-portal&redirect_uri=https://evil.example"

        page = Client().get("/oidc/login", {"next": after})

        assert "evil" not in page["Content-Security-Policy"]

    def test_answers_a_wrong_name_and_a_wrong_password_alike(self, user: User) -> None:
        told = [
            Client().post("/oidc/login", {"username": name, "password": "wrong"}).content.decode()
            for name in ("ana", "bob")
        ]

        assert "not right" in told[0]
        assert _without_token(told[0]).replace("ana", "?") == _without_token(told[1]).replace(
            "bob", "?"
        )

    def test_is_refused_to_a_disabled_user(self, user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)

        answer = Client().post("/oidc/login", {"username": "ana", "password": PASSWORD})

        assert answer.status_code == 200
        assert "not right" in answer.content.decode()

    def test_takes_no_form_of_another_site(self, user: User) -> None:
        strict = Client(enforce_csrf_checks=True)

        answer = strict.post("/oidc/login", {"username": "ana", "password": PASSWORD})

        assert answer.status_code == 403


def _without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


class TestThrottle:
    def test_waits_longer_after_every_wrong_password(self, user: User) -> None:
        browser = Client()
        wrong = {"username": "ana", "password": "wrong"}
        for _ in range(NAME_AT_ADDRESS_FREE):
            assert browser.post("/oidc/login", wrong).status_code == 200

        blocked = browser.post("/oidc/login", {"username": "ana", "password": PASSWORD})
        other = browser.post("/oidc/login", {"username": "bob", "password": "wrong"})

        assert (blocked.status_code, blocked["Retry-After"]) == (429, "1")
        assert "Wait 1 second and" in blocked.content.decode()
        assert other.status_code == 200

    def test_ends_with_the_wait(self, user: User) -> None:
        browser = Client()
        for _ in range(NAME_AT_ADDRESS_FREE):
            browser.post("/oidc/login", {"username": "ana", "password": "wrong"})

        with clock.standing_at(clock.now() + dt.timedelta(seconds=2)):
            answer = browser.post("/oidc/login", {"username": "ana", "password": PASSWORD})

        assert answer.status_code == 302

    def test_starts_anew_after_the_right_password(self, user: User) -> None:
        browser = Client()
        for _ in range(2):
            for _ in range(NAME_AT_ADDRESS_FREE - 1):
                browser.post("/oidc/login", {"username": "ana", "password": "wrong"})
            answer = browser.post("/oidc/login", {"username": "ana", "password": PASSWORD})

            assert answer.status_code == 302


class TestConsent:
    def test_is_not_asked_for_our_own_portal(self, portal: Portal) -> None:
        assert "code" in query_of(portal.authorize())

    def test_is_asked_for_others_once(self, portal: Portal) -> None:
        register_portal(
            client_id="partner", name="Partner", redirect_uris=[REDIRECT_URI], asks_consent=True
        )
        silent = query_of(portal.authorize(client_id="partner", prompt="none"))
        page = portal.authorize(client_id="partner")
        fields = {
            "client_id": "partner",
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid profile email",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
        refused = query_of(portal.http.post("/oidc/authorize", fields))
        allowed = query_of(portal.http.post("/oidc/authorize", {**fields, "allow": "1"}))
        again = query_of(portal.authorize(client_id="partner"))

        assert silent["error"] == "consent_required"
        assert "Allow Partner?" in page.content.decode()
        assert refused["error"] == "access_denied"
        assert "code" in allowed
        assert "code" in again
