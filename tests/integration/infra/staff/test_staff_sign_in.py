"""Staff sign in to the admin at the embedded provider."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ossrep.infra.oidc.models import Grant, RefreshToken
from ossrep.infra.staff.checks import staff_issuer_is_known
from tests.integration.infra.oidc.portal import PASSWORD, make_user
from tests.integration.infra.staff.operator_browser import ADMIN, OperatorBrowser

pytestmark = pytest.mark.django_db(databases="__all__")


class TestSignIn:
    def test_leads_to_the_provider_with_state_nonce_and_pkce(self, embedded: None) -> None:
        address = urlsplit(OperatorBrowser().start())

        fields = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert address.path == "/oidc/authorize"
        assert fields["code_challenge_method"] == "S256"
        assert [len(fields[name]) for name in ("state", "nonce", "code_challenge")] == [32, 32, 43]
        assert fields["redirect_uri"] == f"{ADMIN}/admin/sign-in/callback"

    def test_opens_the_admin_where_the_operator_wanted_to_be(
        self, embedded: None, casey: User
    ) -> None:
        browser = OperatorBrowser()

        answer = browser.sign_in("casey", next="/admin/customer/")

        assert answer["Location"] == "/admin/customer/"
        assert browser.is_in()
        assert browser.http.session["_auth_user_id"] == str(casey.pk)

    def test_leads_to_no_foreign_address(self, embedded: None, casey: User) -> None:
        answer = OperatorBrowser().sign_in("casey", next="https://evil.example/")

        assert answer["Location"] == "/admin/"

    def test_is_refused_to_customers(self, embedded: None) -> None:
        make_user("ana")
        browser = OperatorBrowser()

        answer = browser.sign_in("ana")

        assert answer["Location"] == "/admin/login/?sign_in=refused"
        assert "not let in here" in browser.follow(answer["Location"]).content.decode()
        assert not browser.is_in()

    def test_takes_an_answer_once_and_in_its_own_browser(self, embedded: None, casey: User) -> None:
        browser, other = OperatorBrowser(), OperatorBrowser()
        address = browser.callback_address("casey")
        other.start()

        refused = other.follow(address)
        taken = browser.follow(address)
        again = browser.follow(address)

        assert refused["Location"] == "/admin/login/?sign_in=refused"
        assert taken["Location"] == "/admin/"
        assert again["Location"] == "/admin/login/?sign_in=refused"
        assert not other.is_in()

    def test_keeps_no_token_in_the_clear(self, embedded: None, casey: User) -> None:
        browser = OperatorBrowser()
        browser.sign_in("casey")

        kept = browser.http.session["staff"]

        assert not any(str(value).count(".") == 2 for value in kept.values())
        assert sorted(kept) == [
            *("fresh_until", "id_token", "issued_at", "issuer", "refresh_token", "sid", "subject")
        ]

    def test_is_not_there_without_a_provider(self, db: None) -> None:
        assert Client().get("/admin/sign-in").status_code == 404
        assert Client().get("/admin/sign-in/callback").status_code == 404
        assert "work account" not in Client().get("/admin/login/").content.decode()


class TestSession:
    @pytest.fixture
    def browser(self, embedded: None, casey: User) -> OperatorBrowser:
        browser = OperatorBrowser()
        browser.sign_in("casey")
        assert browser.is_in()
        return browser

    def test_is_renewed_at_the_provider(self, browser: OperatorBrowser) -> None:
        before = browser.http.session["staff"]
        browser.age()

        assert browser.is_in()
        assert browser.http.session["staff"]["refresh_token"] != before["refresh_token"]
        assert RefreshToken.objects.filter(used_at=None).count() == 1

    def test_ends_when_the_provider_renews_no_longer(self, browser: OperatorBrowser) -> None:
        Grant.objects.update(expires_at=Grant.objects.get().started_at)
        assert browser.is_in()
        browser.age()

        assert not browser.is_in()
        assert "staff" not in browser.http.session

    def test_ends_with_the_account(self, browser: OperatorBrowser, casey: User) -> None:
        User.objects.filter(pk=casey.pk).update(is_active=False)

        assert not browser.is_in()

    def test_ends_when_it_is_ended_elsewhere(self, browser: OperatorBrowser, casey: User) -> None:
        from ossrep.infra.auth import revocation
        from ossrep.infra.oidc.grants import end_grants

        end_grants(Grant.objects.all(), by="test")
        revocation.revoked.cache_clear()

        assert not browser.is_in()

    def test_ends_at_the_provider_by_logout(self, browser: OperatorBrowser) -> None:
        page = browser.http.post("/admin/logout/")

        assert "/oidc/end-session?id_token_hint=" in page.content.decode()
        assert Grant.objects.get().ended_at is not None
        assert not browser.is_in()


class TestLocalPasswords:
    @pytest.fixture
    def switched_off(self, embedded: None, settings: Any) -> None:
        settings.OSSREP_LOCAL_PASSWORDS = False

    def test_switched_off_are_not_asked_for(self, switched_off: None) -> None:
        page = Client().get("/admin/login/").content.decode()

        assert "Sign in with your work account" in page
        assert 'type="password"' not in page

    def test_switched_off_are_refused(self, switched_off: None, casey: User) -> None:
        client = Client()

        answer = client.post("/admin/login/", {"username": "casey", "password": PASSWORD})

        assert answer.status_code == 403
        assert "_auth_user_id" not in client.session

    def test_typed_at_the_provider_open_the_admin_by_way_of_it_only(
        self, switched_off: None, casey: User
    ) -> None:
        browser = OperatorBrowser()
        browser.http.post("/oidc/login", {"username": "casey", "password": PASSWORD})
        assert not browser.is_in()

        back = browser.follow(browser.start())
        browser.follow(back["Location"])

        assert browser.is_in()

    def test_work_beside_a_provider(self, embedded: None, casey: User) -> None:
        client = Client()
        page = client.get("/admin/login/").content.decode()

        answer = client.post("/admin/login/", {"username": "casey", "password": PASSWORD})

        assert "work account" in page
        assert 'type="password"' in page
        assert answer.status_code == 302
        assert client.get("/admin/").status_code == 200


class TestThrottle:
    def test_holds_for_the_admin_too(self, casey: User) -> None:
        client = Client()
        wrong = {"username": "casey", "password": "wrong"}

        answers = [client.post("/admin/login/", wrong) for _ in range(6)]
        right = client.post("/admin/login/", {"username": "casey", "password": PASSWORD})

        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert right.status_code == 429
        assert int(right["Retry-After"]) in range(1, 4)
        assert "Too many tries" in right.content.decode()
        assert Client().post("/oidc/login", wrong).status_code == 429


class TestCheck:
    def test_names_an_issuer_that_is_unknown(self, settings: Any) -> None:
        assert staff_issuer_is_known() == []
        settings.OSSREP_STAFF_ISSUER = "https://elsewhere.example"

        found = staff_issuer_is_known()

        assert [message.id for message in found] == ["ossrep.E006"]
        assert settings.OSSREP_OIDC_ISSUER in str(found[0].hint)
