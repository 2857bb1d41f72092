"""One installation for all tests here, one browser for those of a module."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    sync_playwright,
)
from psycopg import sql

from ossrep.infra import database
from tests.e2e.furnishing import furnish
from tests.e2e.places import ApiServer, PortalServer, free_port
from tests.services import missing_service

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where everything is."""

    api: str
    issuer: str
    portal: str
    mail: Path


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser."""
    path = shutil.which("chromium")
    if path is None:
        missing_service("Chromium: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def installation(
    chromium: str,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """A running product with a user, and a portal on another origin that may call it."""
    before = str(settings.DATABASES["default"]["NAME"])
    name = f"{before}_e2e"
    mail = tmp_path_factory.mktemp("mail")
    with PortalServer() as portal:
        port = free_port()
        with django_db_blocker.unblock():
            _copy(f"{before}_pristine", name)
            _point_at(name)
            try:
                furnish(portal.origin, issuer=f"http://localhost:{port}/oidc")
            finally:
                _point_at(before)
        with pytest.MonkeyPatch.context() as environment:
            if url := os.environ.get("OSSREP_DATABASE_URL"):
                environment.setenv(
                    "OSSREP_DATABASE_URL", urlsplit(url)._replace(path=name).geturl()
                )
            server = ApiServer(port=port, portal=portal.origin, database_name=name, mail=mail)
            with server as api:
                yield Installation(
                    api=api.origin, issuer=api.issuer, portal=portal.origin, mail=mail
                )
        _drop(name)


@pytest.fixture(scope="module")
def browser(chromium: str, installation: Installation) -> Iterator[Browser]:
    """One browser process; its loop must not outlive the module, Django refuses to work in one."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile on a wide screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Page:
    """One page of the wide screen."""
    return desk.new_page()


def _point_at(name: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _copy(source: str, target: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
    _drop(target)
    with database.superuser_connection(settings.DATABASES["default"], dbname="postgres") as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )


def _drop(name: str) -> None:
    with database.superuser_connection(settings.DATABASES["default"], dbname="postgres") as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
