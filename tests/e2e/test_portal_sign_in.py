"""Sign-in from a portal on another origin, in a real browser, and what ends it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import EMAIL, PASSWORD, Installation

pytestmark = pytest.mark.xdist_group("browser")


def go_to_sign_in(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.portal}/?issuer={installation.issuer}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def fill_in(page: Page, *, name: str = EMAIL, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail or user name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page: Page, installation: Installation) -> dict[str, Any]:
    """Signs in; gives what the portal found."""
    go_to_sign_in(page, installation)
    fill_in(page)
    expect(page.get_by_role("status")).to_have_text("Signed in as Robin Reyes")
    return dict(page.evaluate("window.portal"))


def call(page: Page, path: str, token: str = "") -> dict[str, Any]:
    return dict(page.evaluate("([path, token]) => call(path, token)", [path, token]))


class TestSignIn:
    def test_gives_the_portal_tokens_without_asking_for_consent(
        self, page: Page, installation: Installation
    ) -> None:
        found = sign_in(page, installation)

        assert page.url == f"{installation.portal}/"
        assert found["accessClaims"]["realm_access"] == {"roles": ["customer"]}
        assert found["accessClaims"]["iss"] == installation.issuer
        named = {
            "email": EMAIL,
            "name": "Robin Reyes",
            "preferred_username": EMAIL,
            "given_name": "Robin",
            "family_name": "Reyes",
        }
        assert {name: found["idClaims"][name] for name in named} == named
        assert {name: found["userinfo"][name] for name in named} == named

    def test_is_asked_once_in_a_browser(self, page: Page, installation: Installation) -> None:
        sign_in(page, installation)
        page.evaluate("sessionStorage.clear()")
        page.goto(f"{installation.portal}/?issuer={installation.issuer}")
        page.get_by_role("button", name="Sign in").click()

        expect(page.get_by_role("status")).to_have_text("Signed in as Robin Reyes")

    def test_works_on_a_phone(self, phone: BrowserContext, installation: Installation) -> None:
        page = phone.new_page()
        go_to_sign_in(page, installation)
        width = page.evaluate("document.documentElement.scrollWidth")
        heights = _heights(page, "button, input:not([type=hidden], [hidden])")
        fill_in(page)

        expect(page.get_by_role("status")).to_have_text("Signed in as Robin Reyes")
        assert width == 390
        assert min(heights) >= 44

    def test_refuses_a_wrong_password_beside_the_form(
        self, page: Page, installation: Installation
    ) -> None:
        go_to_sign_in(page, installation)
        fill_in(page, password="wrong")
        told = page.get_by_role("alert")

        expect(told).to_contain_text("The name or the password is not right")
        password = page.get_by_label("Password")
        expect(password).to_have_attribute("aria-describedby", "problem")
        expect(password).to_have_value("")
        expect(page.get_by_label("E-mail or user name")).to_have_value(EMAIL)
        fill_in(page)
        expect(page.get_by_role("status")).to_have_text("Signed in as Robin Reyes")

    def test_breaks_no_policy_and_logs_no_error(
        self, page: Page, installation: Installation
    ) -> None:
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        sign_in(page, installation)

        assert [text for text in told if "favicon" not in text] == []


class TestPlans:
    def test_are_listed_for_everybody_even_with_a_bad_token(
        self, page: Page, installation: Installation
    ) -> None:
        page.goto(f"{installation.portal}/?issuer={installation.issuer}")

        assert call(page, "/api/plans")["status"] == 200
        assert call(page, "/api/plans", "expired.or.worse")["status"] == 200


class TestSignOut:
    def test_ends_the_session_and_the_tokens(self, page: Page, installation: Installation) -> None:
        tokens = sign_in(page, installation)["tokens"]
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("Signed out")
        userinfo = page.evaluate(
            "([address, token]) => fetch(address, {headers: {Authorization: `Bearer ${token}`}})"
            ".then((answer) => answer.status)",
            [f"{installation.issuer}/userinfo", tokens["access_token"]],
        )
        refreshed = page.evaluate(
            "([address, token]) => fetch(address, {method: 'POST', body: new URLSearchParams({"
            "grant_type: 'refresh_token', client_id: 'ossrep-customer-portal',"
            "refresh_token: token})}).then((answer) => answer.status)",
            [f"{installation.issuer}/token", tokens["refresh_token"]],
        )
        assert (userinfo, refreshed) == (401, 400)
        go_to_sign_in(page, installation)


class TestNewAccount:
    def test_is_opened_by_the_link_and_leads_back_to_the_portal(
        self, page: Page, installation: Installation
    ) -> None:
        go_to_sign_in(page, installation)
        page.get_by_role("link", name="Open an account").click()
        page.get_by_label("First name").fill("Kim")
        page.get_by_label("Last name").fill("Ode")
        page.get_by_label("E-mail").fill("kim@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Open the account").click()
        expect(page.get_by_role("heading", name="Look at your e-mail")).to_be_visible()
        page.goto(newest_link(installation))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Finish").click()

        expect(page.get_by_role("status")).to_have_text("Signed in as Kim Ode")


def newest_link(installation: Installation) -> str:
    """The link in the newest message."""
    newest = max(installation.mail.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    text = newest.read_text().replace("=\n", "").replace("=3D", "=")
    found = re.search(r"http\S+token\S+", text)
    assert found is not None, text
    return found[0]


def _heights(page: Page, selector: str) -> list[float]:
    boxes = [found.bounding_box() for found in page.locator(selector).all()]
    return [box["height"] for box in boxes if box]
