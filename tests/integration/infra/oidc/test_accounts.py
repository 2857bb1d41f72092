"""An account's life: opened, password forgotten and changed, address changed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from ossrep.infra import services
from ossrep.infra.oidc.accounts.links import MESSAGES_AN_HOUR
from ossrep.infra.oidc.accounts.pages import MESSAGES_A_MINUTE
from ossrep.infra.oidc.issuer import issuer
from ossrep.infra.oidc.models import EmailLink, VerifiedEmail
from ossrep.kernel import clock
from ossrep.published.customer import CustomerService
from tests.fakes.customer import InMemoryCustomers
from tests.integration.infra.oidc.portal import (
    PASSWORD,
    REDIRECT_URI,
    Portal,
    claims_of,
    query_of,
    refresh,
    userinfo,
)

pytestmark = pytest.mark.django_db(databases="__all__")

EMAIL = "bo@example.com"
NEW_PASSWORD = "short-Summer-night-8"
SIGN_UP = {"first_name": "Bo", "last_name": "Lee", "email": "Bo@Example.com", "password": PASSWORD}


def link(place: int = -1) -> tuple[str, str]:
    """Path and token of the link in a message."""
    found = re.search(r"http\S+token=\S+", str(mail.outbox[place].body))
    assert found is not None
    parts = urlsplit(found[0])
    return parts.path, parse_qs(parts.query)["token"][0]


def opened(http: Client | None = None, **fields: Any) -> User:
    """A user who signed up and opened the link."""
    http = http or Client()
    http.post("/oidc/sign-up", {**SIGN_UP, **fields})
    path, token = link()
    assert http.post(path, {"token": token, "password": PASSWORD}).status_code == 302
    return User.objects.latest("pk")


def sign_in(name: str, password: str = PASSWORD) -> int:
    """302 for the right password."""
    return Client().post("/oidc/login", {"username": name, "password": password}).status_code


class TestSignUp:
    def test_opens_an_account_when_the_address_is_shown(self) -> None:
        http = Client()
        asked = http.post("/oidc/sign-up", SIGN_UP)
        path, token = link()
        page = http.get(path, {"token": token})
        before = User.objects.filter(email=EMAIL).count()
        answer = http.post(path, {"token": token, "password": PASSWORD})

        assert "We sent a message to <strong>bo@example.com</strong>" in asked.content.decode()
        assert mail.outbox[0].to == [EMAIL]
        assert mail.outbox[0].subject == "OSSREP: finish your account"
        assert (page.status_code, before, answer.status_code) == (200, 0, 302)
        user = User.objects.get(email=EMAIL)
        assert (user.username, user.get_full_name()) == (EMAIL, "Bo Lee")
        assert [group.name for group in user.groups.all()] == ["customer"]
        assert http.session["_auth_user_id"] == str(user.pk)

    def test_leads_on_to_the_client(self, user: User) -> None:
        portal = Portal()
        after = query_of(portal.authorize())["next"]
        portal.http.post("/oidc/sign-up", {**SIGN_UP, "next": after})
        path, token = link()
        page = portal.http.get(path, {"token": token})
        answer = portal.http.post(path, {"token": token, "password": PASSWORD})

        assert "form-action 'self' https://portal.example;" in page["Content-Security-Policy"]
        assert portal.http.get(answer["Location"])["Location"].startswith(f"{REDIRECT_URI}?code=")

    def test_says_in_tokens_that_the_address_is_verified(self, portal: Portal, user: User) -> None:
        staff_made = claims_of(portal.tokens()["access_token"], audience="ossrep-api")
        VerifiedEmail.objects.create(user=user, email=user.email, verified_at=clock.now())
        shown = portal.tokens()

        assert (staff_made["email"], staff_made["email_verified"]) == ("ana@example.com", False)
        access = claims_of(shown["access_token"], audience="ossrep-api")
        assert access["email_verified"] is True
        assert userinfo(shown["access_token"]).json()["email_verified"] is True

    def test_needs_the_password_of_who_asked(self) -> None:
        Client().post("/oidc/sign-up", SIGN_UP)
        path, token = link()
        victim = Client().post(path, {"token": token, "password": "another-Password-9"})

        assert victim.status_code == 400
        assert "not the one that you chose" in victim.content.decode()
        assert not User.objects.filter(email=EMAIL).exists()
        assert Client().post(path, {"token": token, "password": PASSWORD}).status_code == 302

    def test_answers_alike_for_an_address_with_account(self) -> None:
        unknown = Client().post("/oidc/sign-up", SIGN_UP)
        path, token = link()
        Client().post(path, {"token": token, "password": PASSWORD})
        known = Client().post("/oidc/sign-up", SIGN_UP)

        assert known.content == unknown.content
        assert mail.outbox[-1].subject == "OSSREP: you have an account already"
        assert User.objects.filter(email=EMAIL).count() == 1

    @pytest.mark.parametrize(
        ("field", "given"),
        [
            ("email", "no address"),
            ("email", "bo@example.com\nBcc: eve@evil.example"),
            ("email", "b\u0131@example.com"),
            ("password", "short"),
            ("password", "password1"),
            ("last_name", ""),
        ],
    )
    def test_refuses_what_does_not_fit_beside_its_field(self, field: str, given: str) -> None:
        answer = Client().post("/oidc/sign-up", {**SIGN_UP, field: given})

        page = answer.content.decode()
        assert answer.status_code == 400
        assert f'id="{field}_error"' in page
        assert re.search(rf'<input[^>]*name="{field}"[^>]*"[^"]*{field}_error"', page)
        assert mail.outbox == []

    def test_leads_to_no_foreign_address(self) -> None:
        http = Client()
        http.post("/oidc/sign-up", {**SIGN_UP, "next": "https://evil.example/"})
        path, token = link()
        answer = http.post(path, {"token": token, "password": PASSWORD})

        assert answer["Location"] == "/oidc/signed-in"


class TestLinks:
    def test_are_good_once(self) -> None:
        opened()
        path, token = link()
        again = Client().post(path, {"token": token, "password": PASSWORD})

        assert again.status_code == 410
        assert Client().get(path, {"token": token}).status_code == 410

    def test_end(self) -> None:
        Client().post("/oidc/sign-up", SIGN_UP)
        path, token = link()

        with clock.standing_at(clock.now() + dt.timedelta(hours=24, seconds=1)):
            answer = Client().post(path, {"token": token, "password": PASSWORD})

        assert answer.status_code == 410

    def test_are_signed_and_for_one_purpose(self) -> None:
        Client().post("/oidc/sign-up", SIGN_UP)
        path, token = link()
        secret = token.partition(":")[0]

        for wrong in ("", secret, secret + ":x", token + "x", "\0", "é:é"):
            assert Client().get(path, {"token": wrong}).status_code == 410
        assert Client().get("/oidc/password/new", {"token": token}).status_code == 410

    @pytest.mark.parametrize("path", ["/oidc/sign-up", "/oidc/password/forgotten"])
    def test_name_the_configured_host_whatever_the_request_says(
        self, path: str, settings: Any
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        opened()
        Client().post(
            path,
            {**SIGN_UP, "email": "eve@example.com"},
            headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        )
        Client().post(
            "/oidc/password/forgotten",
            {"email": EMAIL},
            headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        )

        texts = [str(message.body) for message in mail.outbox]
        assert len(texts) == 3
        assert not any("evil" in text for text in texts)
        assert all("http://localhost:8000/oidc/" in text for text in texts)

    def test_keep_no_secret_that_could_be_used(self) -> None:
        Client().post("/oidc/sign-up", SIGN_UP)
        _, token = link()
        row = EmailLink.objects.values().get()

        assert token.partition(":")[0] not in str(row)
        assert PASSWORD not in str(row)

    def test_are_sent_to_an_address_a_few_times_an_hour(self) -> None:
        answers = [
            Client().post("/oidc/password/forgotten", {"email": EMAIL}).status_code
            for _ in range(MESSAGES_AN_HOUR + 1)
        ]

        assert answers == [200] * MESSAGES_AN_HOUR + [429]
        assert len(mail.outbox) == MESSAGES_AN_HOUR

    def test_are_asked_for_a_few_times_a_minute_from_one_place(self) -> None:
        answers = [
            Client().post("/oidc/password/forgotten", {"email": f"p{n}@example.com"})
            for n in range(MESSAGES_A_MINUTE + 1)
        ]

        assert [a.status_code for a in answers] == [200] * MESSAGES_A_MINUTE + [429]
        assert 0 < int(answers[-1]["Retry-After"]) <= 60

    def test_tell_when_the_mail_server_is_silent(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        answer = Client().post("/oidc/password/forgotten", {"email": EMAIL})

        assert answer.status_code == 503
        assert "cannot be sent now" in answer.content.decode()


class TestForgottenPassword:
    def test_answers_alike_whether_the_address_is_known(self) -> None:
        opened()
        known = Client().post("/oidc/password/forgotten", {"email": EMAIL})
        unknown = Client().post("/oidc/password/forgotten", {"email": "no@example.com"})

        assert known.status_code == unknown.status_code == 200
        assert known.content.replace(EMAIL.encode(), b"?") == unknown.content.replace(
            b"no@example.com", b"?"
        )
        assert mail.outbox[-1].subject == "OSSREP: no account with this address"

    def test_is_replaced_and_ends_every_sign_in(self, user: User) -> None:
        VerifiedEmail.objects.create(user=user, email=user.email, verified_at=clock.now())
        portal = Portal(user)
        given = portal.tokens()
        code = portal.code()
        Client().post("/oidc/password/forgotten", {"email": user.email})
        Client().post("/oidc/password/forgotten", {"email": user.email})
        path, token = link()
        answer = Client().post(path, {"token": token, "password": NEW_PASSWORD})
        older_path, older = link(-2)

        assert answer.status_code == 200
        assert sign_in("ana@example.com") == 200
        assert sign_in("ana@example.com", NEW_PASSWORD) == 302
        assert refresh(given["refresh_token"]).status_code == 400
        assert userinfo(given["access_token"]).status_code == 401
        assert portal.exchange(code).status_code == 400
        assert "/oidc/login" in portal.authorize()["Location"]
        assert Client().get(older_path, {"token": older}).status_code == 410

    def test_of_staff_is_not_replaced_by_mail(self, user: User) -> None:
        VerifiedEmail.objects.create(user=user, email=user.email, verified_at=clock.now())
        User.objects.filter(pk=user.pk).update(is_staff=True)
        Client().post("/oidc/password/forgotten", {"email": user.email})

        assert "token=" in str(mail.outbox[0].body) or "sign-up" in str(mail.outbox[0].body)
        assert EmailLink.objects.get().user is None

    def test_is_held_to_the_rules(self) -> None:
        opened()
        Client().post("/oidc/password/forgotten", {"email": EMAIL})
        path, token = link()
        weak = Client().post(path, {"token": token, "password": "12345678"})
        strong = Client().post(path, {"token": token, "password": NEW_PASSWORD})

        assert (weak.status_code, strong.status_code) == (400, 200)


class TestAccountPages:
    def test_stand_at_the_providers_root(self) -> None:
        assert Client().get("/oidc/")["Location"] == "/oidc/account"

    @pytest.mark.parametrize("path", ["", "/password", "/email"])
    def test_ask_to_sign_in_first(self, path: str) -> None:
        answer = Client().get(f"/oidc/account{path}")

        assert answer["Location"].startswith("/oidc/login?next=%2Foidc%2Faccount")

    def test_show_who_one_is(self, portal: Portal) -> None:
        page = portal.http.get("/oidc/account").content.decode()

        assert "Ana Ruiz" in page
        assert "ana@example.com" in page
        assert "not confirmed yet" in page

    def test_change_the_password_and_end_other_browsers(self, portal: Portal, user: User) -> None:
        other = Portal(user)
        given = other.tokens()
        wrong = portal.http.post(
            "/oidc/account/password", {"current": "wrong", "password": NEW_PASSWORD}
        )
        right = portal.http.post(
            "/oidc/account/password", {"current": PASSWORD, "password": NEW_PASSWORD}
        )

        assert (wrong.status_code, right.status_code) == (400, 200)
        assert portal.http.get("/oidc/account").status_code == 200
        assert other.http.get("/oidc/account").status_code == 302
        assert refresh(given["refresh_token"]).status_code == 400
        assert sign_in("ana", NEW_PASSWORD) == 302

    def test_count_wrong_passwords_as_the_sign_in_does(self, portal: Portal) -> None:
        answers = [
            portal.http.post(
                "/oidc/account/password", {"current": "wrong", "password": NEW_PASSWORD}
            ).status_code
            for _ in range(6)
        ]

        assert answers == [400] * 5 + [429]

    def test_change_the_address_when_the_new_one_is_shown(self) -> None:
        http = Client()
        user = opened(http)
        asked = http.post("/oidc/account/email", {"email": "Bo2@example.com", "current": PASSWORD})
        before = User.objects.get(pk=user.pk).email
        path, token = link()
        answer = Client().post(path, {"token": token})

        assert (asked.status_code, answer.status_code) == (200, 200)
        assert before == EMAIL
        user.refresh_from_db()
        assert (user.email, user.username) == ("bo2@example.com", "bo2@example.com")
        assert (sign_in("BO2@example.com"), sign_in(EMAIL)) == (302, 200)

    def test_give_nobody_the_address_of_another(self) -> None:
        http = Client()
        opened()
        opened(http, email="cy@example.com")
        taken = http.post("/oidc/account/email", {"email": EMAIL, "current": PASSWORD})

        assert "We sent a message" in taken.content.decode()
        assert mail.outbox[-1].subject == "OSSREP: this address has an account already"
        assert VerifiedEmail.objects.get(email=EMAIL).user.username == EMAIL

    def test_give_an_address_that_two_ask_for_to_the_first(self) -> None:
        http = Client()
        opened(http, email="cy@example.com")
        http.post("/oidc/account/email", {"email": EMAIL, "current": PASSWORD})
        path, token = link()
        opened()
        late = http.post(path, {"token": token})

        assert late.status_code == 409
        assert VerifiedEmail.objects.get(email=EMAIL).user.username == EMAIL


class TestPages:
    @pytest.mark.parametrize(
        "path", ["sign-up", "password/forgotten", "login", "account", "account/password"]
    )
    def test_have_a_strict_policy_and_stay_out_of_caches(self, portal: Portal, path: str) -> None:
        answer = portal.http.get(f"/oidc/{path}")

        assert answer.status_code == 200
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
        assert 'lang="en"' in answer.content.decode()
        assert "autofocus" not in answer.content.decode()

    @pytest.mark.parametrize("path", ["sign-up", "password/forgotten"])
    def test_take_no_form_of_another_site(self, path: str) -> None:
        answer = Client(enforce_csrf_checks=True).post(f"/oidc/{path}", SIGN_UP)

        assert answer.status_code == 403
        assert mail.outbox == []


class TestClosing:
    def test_ends_the_login_of_the_customer_and_every_sign_in(self) -> None:
        http = Client()
        user = opened(http)
        customers = InMemoryCustomers()
        customers.logins[(issuer(), str(user.pk))] = None  # type: ignore[assignment]
        with services.standing_in(CustomerService, customers):
            wrong = http.post("/oidc/account/close", {"current": "wrong"})
            kept = dict(customers.logins)
            answer = http.post("/oidc/account/close", {"current": PASSWORD})

        assert (wrong.status_code, len(kept)) == (400, 1)
        assert "Your account is closed" in answer.content.decode()
        assert customers.logins == {}
        user.refresh_from_db()
        assert (user.is_active, user.email, user.username) == (False, "", f"closed-{user.pk}")
        assert sign_in(EMAIL) == 200
        assert http.get("/oidc/account").status_code == 302
        assert opened().pk != user.pk

    def test_is_not_for_staff(self, portal: Portal, user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_staff=True)

        assert portal.http.post("/oidc/account/close", {"current": PASSWORD}).status_code == 403
