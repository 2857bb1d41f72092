"""The provider's own pages on a phone and on a wide screen: nothing broken, nothing unlabelled.

With OSSREP_SCREENSHOTS set to a folder, pictures of all pages are left there for people.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Installation
from tests.e2e.furnishing import PASSWORD
from tests.e2e.test_portal_sign_in import newest_link

pytestmark = pytest.mark.xdist_group("browser")

# No icon is served, and refusals are what some pages show.
EXPECTED = ("favicon", "status of 4")

# Contrast by WCAG 2.2: 4.5 for text; what is asked of each page is computed in the browser.
CHECKS = """
() => {
  const luminance = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const contrasts = [...document.querySelectorAll("main *")]
    .filter((element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  const inputs = [...document.querySelectorAll("input:not([type=hidden], [hidden])")];
  const named = (input) => input.labels.length === 1 && input.labels[0].innerText.trim();
  const described = (input) => (input.getAttribute("aria-describedby") || "")
    .split(" ").filter(Boolean).every((id) => document.getElementById(id));
  return {
    lang: document.documentElement.lang,
    headings: document.querySelectorAll("h1").length,
    width: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unnamed: inputs.filter((input) => !named(input)).map((input) => input.name),
    undescribed: inputs.filter((input) => !described(input)).map((input) => input.name),
    contrast: Math.min(...contrasts),
    autofocus: document.querySelectorAll("[autofocus]").length,
    inline: document.querySelectorAll("[style], style, script:not([src])").length,
  };
}
"""


def look_at(page: Page, name: str) -> None:
    """Checks the page, and keeps a picture where people want one."""
    found: dict[str, Any] = page.evaluate(CHECKS)
    if folder := os.environ.get("OSSREP_SCREENSHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    contrast = found.pop("contrast")
    assert found == {
        "lang": "en",
        "headings": 1,
        "width": 0,
        "unnamed": [],
        "undescribed": [],
        "autofocus": 0,
        "inline": 0,
    }, name
    assert contrast >= 4.5, name


@pytest.mark.parametrize("screen", ["phone", pytest.param("desk", marks=pytest.mark.long)])
def test_pages_are_for_everybody(
    screen: str, request: pytest.FixtureRequest, installation: Installation
) -> None:
    context: BrowserContext = request.getfixturevalue(screen)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    visit = _Visit(page, installation, screen)
    visit.strangers()
    visit.new_account()
    visit.own_account()

    assert [text for text in told if not any(known in text for known in EXPECTED)] == []


class _Visit:
    def __init__(self, page: Page, installation: Installation, screen: str) -> None:
        self.page, self.installation = page, installation
        self.email = f"{screen}@example.com"

    def go(self, path: str, name: str) -> None:
        self.page.goto(f"{self.installation.issuer}/{path}")
        look_at(self.page, name)

    def press(self, button: str, name: str) -> None:
        self.page.get_by_role("button", name=button).click()
        look_at(self.page, name)

    def strangers(self) -> None:
        """What anybody sees, errors too."""
        self.go("login", "sign-in")
        self.page.get_by_label("E-mail or user name").fill(self.email)
        self.page.get_by_label("Password").fill("wrong")
        self.press("Sign in", "sign-in-wrong")
        self.go("password/forgotten", "forgotten")
        self.page.get_by_label("E-mail").fill(self.email)
        self.press("Send the link", "link-sent")
        self.go("password/new?token=no", "link-over")
        self.go("authorize?client_id=nobody", "error")
        self.go("signed-in", "nobody-signed-in")

    def new_account(self) -> None:
        """From the form to the account, by way of a password that is too common."""
        self.go("sign-up", "sign-up")
        self.page.get_by_label("First name").fill("Kim")
        self.page.get_by_label("Last name").fill("Ode")
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill("password")
        self.press("Open the account", "sign-up-refused")
        expect(self.page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Open the account", "sign-up-sent")
        self.page.goto(newest_link(self.installation))
        look_at(self.page, "sign-up-confirm")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Finish", "signed-in")

    def own_account(self) -> None:
        """What a signed-in user changes, and the end of it."""
        self.go("account", "account")
        self.go("account/password", "change-password")
        self.page.get_by_label("Present password").fill("wrong")
        self.page.get_by_label("New password").fill(PASSWORD)
        self.press("Change", "change-password-wrong")
        self.go("account/email", "change-email")
        self.go("account/close", "close")
        self.page.get_by_label("Password").fill("wrong")
        self.press("Close my account", "close-wrong")
        self.go("end-session", "sign-out")
        self.press("Sign out", "signed-out")


def test_focus_goes_through_the_sign_in_page_in_its_order(
    page: Page, installation: Installation
) -> None:
    page.goto(f"{installation.issuer}/login")
    places = []
    for _ in range(5):
        page.keyboard.press("Tab")
        places.append(
            page.evaluate("document.activeElement.id || document.activeElement.innerText")
        )

    assert places == [
        "username",
        "password",
        "Sign in",
        "Forgot your password?",
        "Open an account",
    ]
