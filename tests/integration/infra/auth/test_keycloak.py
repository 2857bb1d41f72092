"""The API takes the tokens of a real Keycloak: flow, roles, audience, end of access."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from deploy.keycloak import KeycloakNode
from ossrep.customer.usecases.logins import link_login
from ossrep.infra.auth import issuers, revocation, tokens
from ossrep.kernel.identifiers import CustomerId
from ossrep.published.customer import LoginRight
from tests.customer_login import PortalUser
from tests.keycloak_browser import KeycloakAdministrator, KeycloakBrowser
from tests.token_issuer import TokenIssuer
from tests.web_thread import WebThread

pytestmark = [pytest.mark.keycloak, pytest.mark.long]
LATEST_S = 5.0
CACHES = (issuers.configured_issuers, tokens.verifier, revocation.revoked)


@pytest.fixture
def keycloak(keycloak_node: KeycloakNode, token_issuer: TokenIssuer, settings: Any) -> KeycloakNode:
    """Keycloak beside another issuer, both taken by the API."""
    settings.OSSREP_ISSUERS = [token_issuer.entry(), keycloak_node.entry()]
    for cache in CACHES:
        cache.cache_clear()
    return keycloak_node


def call(token: str, path: str = "/api/v1/tdsps") -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.django_db(databases="__all__")
class TestAuthorizationRequest:
    def test_needs_pkce_with_s256(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            for fields in (
                {"code_challenge": None, "code_challenge_method": None},
                {"code_challenge_method": "plain"},
            ):
                answer = browser.authorize(**fields)

                sent_back = parse_qs(urlsplit(answer.headers["Location"]).query)
                assert sent_back["error"] == ["invalid_request"]

    def test_follows_registered_addresses_only(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            for suffix in ("/other", "//evil.example", "?a=1", ".evil.example"):
                answer = browser.authorize(redirect_uri=keycloak.settings.portal_url + suffix)

                assert (answer.status_code, answer.headers.get("Location")) == (400, None)

    def test_refuses_a_wrong_password(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            answer = browser.sign_in(browser.authorize(), username="ana", password="wrong")

            assert answer.status_code == 200
            assert "Invalid username or password" in answer.text


@pytest.mark.django_db(databases="__all__")
class TestTokens:
    def test_say_who_calls(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            given = browser.tokens(username="ana")

        principal = tokens.verifier().verify(given["access_token"])

        assert principal.issuer == keycloak.issuer
        assert principal.roles == {"customer"}
        assert principal.rights == set()
        assert principal.session_id
        assert call(given["access_token"]).status_code == 403
        assert call(given["id_token"]).status_code == 401

    def test_give_a_partners_role_its_right_and_no_more(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            raw = browser.tokens(username="pat")["access_token"]

        principal = tokens.verifier().verify(raw)

        assert principal.roles == set()
        assert principal.rights == {"service-point:admin"}
        assert call(raw).status_code == 200

    def test_give_roles_that_nobody_mapped_nothing(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            raw = browser.tokens(username="rex")["access_token"]

        assert call(raw).status_code == 403

    def test_open_a_customers_own_data(
        self, keycloak: KeycloakNode, customer_login: PortalUser
    ) -> None:
        with KeycloakBrowser(keycloak) as browser:
            raw = browser.tokens(username="ana")["access_token"]
        assert call(raw, "/api/customer").status_code == 403

        link_login(
            issuer=keycloak.issuer,
            subject=tokens.verifier().verify(raw).subject,
            customer_id=CustomerId(customer_login.customer.pk),
            rights=tuple(LoginRight),
            account_ids=None,
        )

        answer = call(raw, "/api/customer")
        assert answer.status_code == 200
        assert answer.json() == call(customer_login.token, "/api/customer").json()

    def test_let_a_service_call(self, keycloak: KeycloakNode) -> None:
        with KeycloakBrowser(keycloak) as browser:
            raw = browser.service_token()

        assert tokens.verifier().verify(raw).roles == {"service"}
        assert call(raw).status_code == 200

    def test_work_beside_those_of_another_issuer(
        self, keycloak: KeycloakNode, token_issuer: TokenIssuer
    ) -> None:
        assert call(token_issuer.token(roles=["market"])).status_code == 200

    def test_are_refused_for_another_audience_or_when_changed(
        self, keycloak: KeycloakNode, settings: Any
    ) -> None:
        with KeycloakBrowser(keycloak) as browser:
            raw = browser.service_token()
        head, body, signature = raw.split(".")
        changed = f"{head}.{body}.{signature[:-6]}AAAAAA"
        of_other = TokenIssuer()
        forged = of_other.token(iss=keycloak.issuer, roles=["admin"], typ="Bearer")
        of_other.close()

        refused = [call(changed).status_code, call(forged).status_code]
        settings.OSSREP_ISSUERS = [{**keycloak.entry(), "audience": "another-api"}]
        for cache in CACHES:
            cache.cache_clear()
        refused.append(call(raw).status_code)

        assert refused == [401, 401, 401]


class TestLogout:
    def test_at_keycloak_ends_access_in_time(
        self, fresh_database: str, keycloak: KeycloakNode
    ) -> None:
        with (
            KeycloakAdministrator(keycloak) as administrator,
            KeycloakBrowser(keycloak) as browser,
            WebThread() as web,
        ):
            administrator.send_logouts_to(f"{web.url}/auth/back-channel-logout")
            given = browser.tokens(username="pat")
            elsewhere = browser.service_token()
            assert call(given["access_token"]).status_code == 200

            browser.sign_out(given["id_token"])
            started = time.monotonic()
            while call(given["access_token"]).status_code == 200:
                assert time.monotonic() - started < LATEST_S
                time.sleep(0.1)

        assert call(given["access_token"]).status_code == 401
        assert call(elsewhere).status_code == 200

    def test_of_all_sessions_at_once_ends_each(
        self, fresh_database: str, keycloak: KeycloakNode
    ) -> None:
        """Keycloak tells of one of them only; it names the person, whose every token ends."""
        with (
            KeycloakAdministrator(keycloak) as administrator,
            KeycloakBrowser(keycloak) as phone,
            KeycloakBrowser(keycloak) as laptop,
            WebThread() as web,
        ):
            administrator.send_logouts_to(f"{web.url}/auth/back-channel-logout")
            raw = [browser.tokens(username="pat")["access_token"] for browser in (phone, laptop)]
            sessions = {tokens.verifier().verify(token).session_id for token in raw}
            assert (len(sessions), [call(token).status_code for token in raw]) == (2, [200, 200])

            administrator.sign_out("pat")
            started = time.monotonic()
            while 200 in [call(token).status_code for token in raw]:
                assert time.monotonic() - started < LATEST_S
                time.sleep(0.1)

        assert [call(token).status_code for token in raw] == [401, 401]

    def test_in_one_browser_lets_the_other_go_on_by_its_refresh_token(
        self, fresh_database: str, keycloak: KeycloakNode
    ) -> None:
        with (
            KeycloakAdministrator(keycloak) as administrator,
            KeycloakBrowser(keycloak) as phone,
            KeycloakBrowser(keycloak) as laptop,
            WebThread() as web,
        ):
            administrator.send_logouts_to(f"{web.url}/auth/back-channel-logout")
            left, staying = (browser.tokens(username="pat") for browser in (phone, laptop))
            phone.sign_out(left["id_token"])
            started = time.monotonic()
            while call(staying["access_token"]).status_code == 200:
                assert time.monotonic() - started < LATEST_S
                time.sleep(0.1)
            # What was issued in the second of the logout ends with it.
            time.sleep(1.0)

            renewed = laptop.renewed(staying["refresh_token"])
            refused = phone.renewed(left["refresh_token"])

        assert call(renewed["access_token"]).status_code == 200
        assert refused["error"] == "invalid_grant"
