"""What the library alone lets through, one class a weakness; none of it may work here."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import jwt
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from oidc_provider.models import Client as OidcClient

from ossrep.infra.auth.tokens import TokenRefused, verifier
from ossrep.infra.oidc.clients import PORTAL_CLIENT_ID, register_portal, register_service
from ossrep.infra.oidc.models import Grant, SigningKey
from ossrep.kernel import clock
from tests.integration.infra.oidc import portal as web
from tests.integration.infra.oidc.portal import Portal, claims_of, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db(databases="__all__")


class TestCodeWithoutPkce:
    @pytest.mark.parametrize("sent", ["", None, "short", "v" * 44, "!" * 43])
    def test_is_not_given(self, portal: Portal, sent: str | None) -> None:
        answer = query_of(portal.authorize(code_challenge=sent))

        assert (answer["error"], answer["state"]) == ("invalid_request", "state-1")
        assert "code" not in answer

    def test_is_not_given_to_confidential_clients_either(self, portal: Portal) -> None:
        register_portal(
            client_id="partner", name="P", redirect_uris=[web.REDIRECT_URI], is_public=False
        )

        answer = query_of(portal.authorize(client_id="partner", code_challenge=None))

        assert answer["error"] == "invalid_request"

    @pytest.mark.parametrize("sent", [None, "", "w" * 43, "v" * 42, "v" * 129, "v" * 43 + "\n"])
    def test_is_not_taken(self, portal: Portal, sent: str | None) -> None:
        answer = portal.exchange(portal.code(), code_verifier=sent)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


class TestPlainChallenge:
    @pytest.mark.parametrize("method", ["plain", "", None, "s256", "S512"])
    def test_is_refused(self, portal: Portal, method: str | None) -> None:
        answer = query_of(portal.authorize(code_challenge_method=method))

        assert answer["error"] == "invalid_request"


class TestOtherRedirectUriAtTheTokenCall:
    @pytest.mark.parametrize("sent", [web.OTHER_REDIRECT_URI, "", None, "https://evil.example/"])
    def test_is_refused(self, portal: Portal, sent: str | None) -> None:
        answer = portal.exchange(portal.code(), redirect_uri=sent)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


class TestReplayedCode:
    def test_ends_what_it_gave(self, portal: Portal) -> None:
        code = portal.code()
        given = portal.exchange(code).json()
        assert userinfo(given["access_token"]).status_code == 200

        replay = portal.exchange(code)

        assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
        assert userinfo(given["access_token"]).status_code == 401
        assert refresh(given["refresh_token"]).status_code == 400
        assert Grant.objects.get().ended_by == "code replayed"

    def test_ends_it_for_the_api(self, portal: Portal) -> None:
        code = portal.code()
        given = portal.exchange(code).json()
        portal.exchange(code)

        with pytest.raises(TokenRefused, match="revoked"):
            verifier().verify(given["access_token"])

    def test_is_refused_after_a_minute(self, portal: Portal) -> None:
        code = portal.code()

        with clock.standing_at(clock.now() + dt.timedelta(seconds=61)):
            assert portal.exchange(code).status_code == 400


class TestTokenInTheAddress:
    def test_is_not_taken_by_userinfo(self, portal: Portal) -> None:
        given = portal.tokens()

        answer = Client().get("/oidc/userinfo", {"access_token": given["access_token"]})

        assert answer.status_code == 401

    def test_is_not_taken_by_the_token_endpoint(self, portal: Portal) -> None:
        given = portal.tokens()

        answer = Client().post(
            f"/oidc/token?refresh_token={given['refresh_token']}",
            {"grant_type": "refresh_token", "client_id": PORTAL_CLIENT_ID},
        )

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


class TestOldRefreshToken:
    def test_ends_with_the_sign_in_it_is_of(self, portal: Portal) -> None:
        first = portal.tokens()
        later = clock.now() + dt.timedelta(hours=11, minutes=59)
        with clock.standing_at(later):
            second = refresh(first["refresh_token"])
        assert second.status_code == 200

        with clock.standing_at(later + dt.timedelta(minutes=2)):
            third = refresh(second.json()["refresh_token"])

        assert (third.status_code, third.json()["error"]) == (400, "invalid_grant")

    def test_is_refused_when_its_user_is_disabled(self, portal: Portal, user: User) -> None:
        given = portal.tokens()
        user.is_active = False
        user.save()

        assert refresh(given["refresh_token"]).status_code == 400
        with pytest.raises(TokenRefused, match="revoked"):
            verifier().verify(given["access_token"])


class TestReusedRefreshToken:
    def test_ends_its_descendants(self, portal: Portal) -> None:
        first = portal.tokens()
        second = refresh(first["refresh_token"]).json()

        assert refresh(first["refresh_token"]).status_code == 400
        assert refresh(second["refresh_token"]).status_code == 400
        assert userinfo(second["access_token"]).status_code == 401

    def test_of_another_client_is_refused_and_not_spent(self, portal: Portal) -> None:
        given = portal.tokens()
        register_portal(client_id="other-portal", name="O", redirect_uris=[web.REDIRECT_URI])

        assert refresh(given["refresh_token"], client_id="other-portal").status_code == 400
        assert refresh(given["refresh_token"]).status_code == 200

    def test_gives_less_scope_but_never_more(self, portal: Portal) -> None:
        given = portal.tokens(scope="openid email")

        more = refresh(given["refresh_token"], scope="openid profile")
        less = refresh(given["refresh_token"], scope="openid")

        assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
        assert (less.status_code, less.json()["scope"]) == (200, "openid")


class TestOtherResponseTypes:
    @pytest.mark.parametrize(
        "response_type",
        [
            *("token", "id_token", "id_token token", "code token", "code id_token"),
            *("code id_token token", "none", "", "code code", None),
        ],
    )
    @pytest.mark.parametrize("scope", ["openid", "profile"])
    def test_are_refused(self, portal: Portal, response_type: str | None, scope: str) -> None:
        answer = portal.authorize(response_type=response_type, scope=scope)

        assert query_of(answer)["error"] == "unsupported_response_type"
        assert "#" not in answer["Location"]


class TestClientCredentials:
    def test_are_refused_to_public_clients(self, user: User) -> None:
        answer = web.token({"grant_type": "client_credentials", "client_id": PORTAL_CLIENT_ID})

        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")

    def test_are_refused_where_people_sign_in(self, user: User) -> None:
        partner = register_portal(
            client_id="partner", name="P", redirect_uris=[web.REDIRECT_URI], is_public=False
        )

        answer = web.token(
            {
                "grant_type": "client_credentials",
                "client_id": "partner",
                "client_secret": partner.secret,
            }
        )

        assert answer.json()["error"] == "unauthorized_client"

    @pytest.mark.parametrize("secret", [None, "", "wrong", "sha256$"])
    def test_need_the_secret(self, user: User, secret: str | None) -> None:
        register_service(client_id="billing-service", name="Billing")
        fields = {"grant_type": "client_credentials", "client_id": "billing-service"}
        if secret is not None:
            fields["client_secret"] = secret

        answer = web.token(fields)

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_do_not_take_what_is_kept_for_the_secret(self, user: User) -> None:
        register_service(client_id="billing-service", name="Billing")
        kept = OidcClient.objects.get(client_id="billing-service").client_secret

        answer = web.token(
            {
                "grant_type": "client_credentials",
                "client_id": "billing-service",
                "client_secret": kept,
            }
        )

        assert answer.status_code == 401

    def test_give_a_service_the_role_service_alone(self, user: User) -> None:
        secret = register_service(client_id="billing-service", name="Billing").secret

        answer = web.token(
            {
                "grant_type": "client_credentials",
                "client_id": "billing-service",
                "client_secret": secret,
            }
        )
        principal = verifier().verify(answer.json()["access_token"])

        assert principal.roles == {"service"}
        assert (principal.subject, principal.client_id) == ("billing-service", "billing-service")
        assert "refresh_token" not in answer.json()


class TestForeignScope:
    @pytest.mark.parametrize(
        "scope", ["openid admin_api made_up", "openid api", "OPENID", "", "openid offline_access"]
    )
    def test_is_refused(self, portal: Portal, scope: str) -> None:
        assert query_of(portal.authorize(scope=scope))["error"] == "invalid_scope"

    def test_is_refused_to_services(self, user: User) -> None:
        secret = register_service(client_id="billing-service", name="Billing").secret

        answer = web.token(
            {
                "grant_type": "client_credentials",
                "client_id": "billing-service",
                "client_secret": secret,
                "scope": "api admin",
            }
        )

        assert answer.json()["error"] == "invalid_scope"


class TestSecretsAtRest:
    def test_are_in_no_table(self, portal: Portal) -> None:
        secret = register_service(client_id="billing-service", name="Billing").secret
        code = portal.code()
        given = portal.exchange(code).json()
        used = refresh(given["refresh_token"]).json()
        sought = [secret, code, given["refresh_token"], used["refresh_token"]]
        sought += [given["access_token"], used["access_token"], given["id_token"]]

        stored = _whole_schema()

        assert [text for text in sought if text in stored] == []
        assert "PRIVATE KEY" not in stored

    def test_private_key_is_sealed(self, portal: Portal) -> None:
        portal.tokens()
        sealed = bytes(SigningKey.objects.get().sealed_private_key)

        # The start of every PKCS#8 RSA key, in DER.
        assert bytes.fromhex("06092a864886f70d010101") not in sealed

    def test_are_in_no_log_line(self, portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
        secret = register_service(client_id="billing-service", name="Billing").secret
        with caplog.at_level(logging.DEBUG):
            given = portal.exchange(code := portal.code()).json()
            portal.exchange(code)
            refresh(given["refresh_token"])
            userinfo(given["access_token"])
            for tried in (secret, "wrong-secret-of-nobody"):
                web.token(
                    {
                        "grant_type": "client_credentials",
                        "client_id": "billing-service",
                        "client_secret": tried,
                    }
                )
            portal.http.get("/oidc/end-session", {"id_token_hint": given["id_token"]})
            portal.http.post("/oidc/login", {"username": "ana", "password": "Sesame-open-1"})
        sought = [secret, "wrong-secret-of-nobody", code, given["refresh_token"], "Sesame-open-1"]
        sought += [given["access_token"], given["id_token"]]

        lines = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
        lines = [line for line in lines if "django.db.backends" not in line]

        assert [text for text in sought if any(text in line for line in lines)] == []


def _whole_schema() -> str:
    found = []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'platform'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM platform."{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


class TestCors:
    @pytest.mark.parametrize(
        "path", ["/oidc/.well-known/openid-configuration", "/oidc/jwks", "/oidc/userinfo"]
    )
    def test_answers_listed_origins_only_and_without_cookies(
        self, user: User, settings: Any, path: str
    ) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]

        listed = Client().get(path, headers={"Origin": "https://portal.example"})
        other = Client().get(path, headers={"Origin": "https://evil.example"})

        assert listed["Access-Control-Allow-Origin"] == "https://portal.example"
        assert "Access-Control-Allow-Credentials" not in listed
        assert "Access-Control-Allow-Origin" not in other

    def test_lets_the_portal_ask_for_tokens(self, user: User, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]

        answer = Client().options(
            "/oidc/token",
            headers={
                "Origin": "https://portal.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )

        assert answer["Access-Control-Allow-Origin"] == "https://portal.example"

    @pytest.mark.parametrize("path", ["/oidc/login", "/oidc/authorize", "/oidc/end-session"])
    def test_shows_no_page_to_other_origins(self, user: User, settings: Any, path: str) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://portal.example"]

        answer = Client().get(path, headers={"Origin": "https://portal.example"})

        assert "Access-Control-Allow-Origin" not in answer


class TestMaxAge:
    def test_asks_anew_for_an_old_sign_in(self, portal: Portal) -> None:
        with clock.standing_at(clock.now() + dt.timedelta(seconds=120)):
            old = portal.authorize(max_age="60")
            young = portal.authorize(max_age="600")

        assert old["Location"].startswith("/oidc/login?next=")
        assert "code" in query_of(young)

    def test_answers_a_silent_request_with_an_error(self, portal: Portal) -> None:
        with clock.standing_at(clock.now() + dt.timedelta(seconds=120)):
            answer = portal.authorize(max_age="60", prompt="none")

        assert query_of(answer)["error"] == "login_required"

    @pytest.mark.parametrize("max_age", ["-1", "soon", "1e3", "9" * 10])
    def test_is_a_number_of_seconds(self, portal: Portal, max_age: str) -> None:
        assert query_of(portal.authorize(max_age=max_age))["error"] == "invalid_request"

    @pytest.mark.parametrize("prompt", ["login", "select_account"])
    def test_cannot_be_left_out_after_a_prompt(self, portal: Portal, prompt: str) -> None:
        with clock.standing_at(clock.now() + dt.timedelta(seconds=120)):
            asked = portal.authorize(prompt=prompt)
            after = query_of(asked)["next"]
            again = portal.http.get(after)

        assert "max_age=0" in after
        assert again["Location"].startswith("/oidc/login?next=")


class TestRevocationEndpoint:
    def test_ends_a_sign_in_by_its_refresh_token(self, portal: Portal) -> None:
        given = portal.tokens()

        answer = Client().post(
            "/oidc/revoke", {"client_id": PORTAL_CLIENT_ID, "token": given["refresh_token"]}
        )

        assert answer.status_code == 200
        assert refresh(given["refresh_token"]).status_code == 400
        assert userinfo(given["access_token"]).status_code == 401

    def test_ends_one_access_token(self, portal: Portal) -> None:
        given = portal.tokens()

        Client().post(
            "/oidc/revoke", {"client_id": PORTAL_CLIENT_ID, "token": given["access_token"]}
        )

        assert userinfo(given["access_token"]).status_code == 401
        assert refresh(given["refresh_token"]).status_code == 200

    def test_leaves_the_tokens_of_other_clients(self, portal: Portal) -> None:
        given = portal.tokens()
        register_portal(client_id="other-portal", name="O", redirect_uris=[web.REDIRECT_URI])

        for name in ("access_token", "refresh_token"):
            answer = Client().post(
                "/oidc/revoke", {"client_id": "other-portal", "token": given[name]}
            )
            assert answer.status_code == 200

        assert userinfo(given["access_token"]).status_code == 200
        assert refresh(given["refresh_token"]).status_code == 200


class TestDiscovery:
    def test_names_addresses_that_are_there(self, portal: Portal) -> None:
        document = Client().get("/oidc/.well-known/openid-configuration").json()

        assert document["issuer"] == "http://localhost:8000/oidc"
        assert document["code_challenge_methods_supported"] == ["S256"]
        assert document["response_types_supported"] == ["code"]
        assert document["id_token_signing_alg_values_supported"] == ["RS256"]
        for name, address in document.items():
            if name.endswith(("_endpoint", "_uri")):
                path = address.removeprefix("http://localhost:8000")
                assert Client().get(path).status_code in (200, 400, 401, 405), name

    def test_names_the_claims_that_an_id_token_has(self, portal: Portal) -> None:
        document = Client().get("/oidc/.well-known/openid-configuration").json()
        claims = claims_of(portal.tokens()["id_token"], audience=PORTAL_CLIENT_ID)

        assert set(claims) == set(document["claims_supported"])


class TestAccessToken:
    def test_says_what_the_api_and_the_portal_read(self, portal: Portal, user: User) -> None:
        raw = portal.tokens()["access_token"]
        claims = claims_of(raw, audience="ossrep-api")

        assert jwt.get_unverified_header(raw)["typ"] == "at+jwt"
        assert jwt.get_unverified_header(raw)["alg"] == "RS256"
        assert claims["iss"] == "http://localhost:8000/oidc"
        assert claims["sub"] == str(user.pk)
        assert claims["client_id"] == PORTAL_CLIENT_ID
        assert claims["scope"] == "openid profile email"
        assert claims["realm_access"] == {"roles": ["customer"]}
        assert claims["exp"] - claims["iat"] == 300
        assert claims["sid"]
        assert claims["jti"]

    def test_is_taken_by_the_api(self, portal: Portal, user: User) -> None:
        principal = verifier().verify(portal.tokens()["access_token"])

        assert principal.subject == str(user.pk)
        assert principal.roles == {"customer"}

    def test_is_not_an_id_token(self, portal: Portal) -> None:
        given = portal.tokens()

        assert userinfo(given["id_token"]).status_code == 401
        with pytest.raises(TokenRefused):
            verifier().verify(given["id_token"])


class TestIdToken:
    def test_has_the_claims_of_the_portal(self, portal: Portal, user: User) -> None:
        claims = claims_of(portal.tokens()["id_token"], audience=PORTAL_CLIENT_ID)

        names = ("sub", "email", "name", "preferred_username", "given_name", "family_name")
        assert {name: claims[name] for name in names} == {
            "sub": str(user.pk),
            "email": "ana@example.com",
            "name": "Ana Ruiz",
            "preferred_username": "ana",
            "given_name": "Ana",
            "family_name": "Ruiz",
        }
        assert claims["nonce"] == "nonce-1"

    def test_says_no_more_than_the_scope(self, portal: Portal) -> None:
        claims = claims_of(portal.tokens(scope="openid")["id_token"], audience=PORTAL_CLIENT_ID)

        assert not {"email", "name", "preferred_username"}.intersection(claims)


class TestClientIds:
    def test_are_names_not_six_random_digits(self, user: User) -> None:
        with pytest.raises(Exception, match="starts with a letter"):
            register_service(client_id="482915", name="x")

    def test_portal_is_registered_by_command(self, db: None) -> None:
        call_command("oidc_client", "portal", "--redirect-uri", "https://my.example/")

        client = OidcClient.objects.get(client_id=PORTAL_CLIENT_ID)

        assert client.redirect_uris == ["https://my.example/"]
        assert client.client_type == "public"
        assert not client.require_consent
