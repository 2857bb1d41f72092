"""Sign-in from a portal on another origin, in a real browser, and what ends it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Installation
from tests.e2e.furnishing import ACCOUNT, EMAIL, PASSWORD
from tests.e2e.shapes import ACCOUNTS, CONTRACTS, CUSTOMER, PLANS, unlike

pytestmark = pytest.mark.xdist_group("browser")


# Ended access must be over within so many seconds, in every process.
ENDED_WITHIN_S = 5


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


class TestPortalCalls:
    def test_have_the_shapes_that_the_portal_reads(
        self, page: Page, installation: Installation
    ) -> None:
        sign_in(page, installation)
        found = {}
        for path, shape in (
            ("/api/customer", CUSTOMER),
            ("/api/accounts", ACCOUNTS),
            ("/api/contracts", CONTRACTS),
            ("/api/plans?zip=75201", PLANS),
        ):
            answer = call(page, path)
            assert (answer["status"], answer["type"]) == (200, "application/json"), path
            assert list(unlike(answer["body"], shape, path)) == []
            found[path] = answer["body"]

        assert found["/api/customer"]["firstName"] == "Robin"
        (account,) = found["/api/accounts"]["accounts"]
        assert (account["accountNumber"], account["nickname"]) == (ACCOUNT, "Home")
        assert account["currentBalance"] == 0
        assert [len(place["meters"]) for place in account["premises"]] == [1]
        (contract,) = found["/api/contracts"]["contracts"]
        assert contract["accounts"][0]["accountNumber"] == ACCOUNT
        assert (contract["plan"]["ratePerKwh"], contract["earlyTerminationFee"]) == (0.1119, 150)

    def test_answer_a_login_without_customer_with_a_problem(
        self, page: Page, installation: Installation
    ) -> None:
        open_account(page, installation, "lee@example.com")
        answer = call(page, "/api/customer")
        claim = page.evaluate(
            "([address, token]) => fetch(address, {method: 'POST', headers: {"
            "Authorization: `Bearer ${token}`, 'Content-Type': 'application/json',"
            "'Idempotency-Key': crypto.randomUUID()}, body: JSON.stringify({"
            "accountNumber: 'A-900001', invoiceNumber: '1', total: '1.00'})})"
            ".then((answer) => answer.json())",
            [
                f"{installation.api}/api/v1/claims",
                page.evaluate("window.portal.tokens.access_token"),
            ],
        )

        assert (answer["status"], answer["body"]["code"]) == (403, "no_customer")
        assert answer["type"] == "application/problem+json"
        assert claim["code"] == "claim_refused"


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
        deadline = time.monotonic() + ENDED_WITHIN_S
        while call(page, "/api/customer", tokens["access_token"])["status"] != 401:
            assert time.monotonic() < deadline
            time.sleep(0.2)

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
        open_account(page, installation, "kim@example.com")

        assert page.url == f"{installation.portal}/"


def open_account(page: Page, installation: Installation, email: str) -> None:
    """Signs up from the portal and comes back to it signed in, by the link of the message."""
    go_to_sign_in(page, installation)
    page.get_by_role("link", name="Open an account").click()
    page.get_by_label("First name").fill("Kim")
    page.get_by_label("Last name").fill("Ode")
    page.get_by_label("E-mail").fill(email)
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
