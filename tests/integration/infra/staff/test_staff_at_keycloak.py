"""Staff sign in to the admin at a real Keycloak."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from deploy.keycloak import KeycloakNode
from tests.integration.infra.staff.conftest import CACHES
from tests.integration.infra.staff.operator_browser import OperatorBrowser
from tests.keycloak_browser import KeycloakAdministrator, KeycloakBrowser
from tests.web_thread import WebThread

pytestmark = [pytest.mark.keycloak, pytest.mark.long]
LATEST_S = 5.0


@pytest.fixture
def keycloak(keycloak_node: KeycloakNode, settings: Any) -> KeycloakNode:
    settings.OSSREP_ISSUERS = [keycloak_node.entry()]
    settings.OSSREP_STAFF_ISSUER = keycloak_node.issuer
    settings.OSSREP_STAFF_CLIENT_SECRET = keycloak_node.settings.staff_secret
    settings.OSSREP_LOCAL_PASSWORDS = False
    for cache in CACHES:
        cache.cache_clear()
    return keycloak_node


@pytest.fixture
def person(keycloak: KeycloakNode) -> Iterator[KeycloakBrowser]:
    with KeycloakBrowser(keycloak) as browser:
        yield browser


def sign_in(person: KeycloakBrowser, username: str) -> OperatorBrowser:
    """The operator's admin after the whole way through Keycloak."""
    admin = OperatorBrowser()
    answer: httpx.Response = person.sign_in(person.http.get(admin.start()), username=username)
    assert answer.status_code == 302, answer.text[:2000]
    admin.follow(answer.headers["Location"])
    return admin


@pytest.mark.django_db(databases="__all__")
class TestSignIn:
    def test_opens_the_admin_with_the_groups_of_the_realms_roles(
        self, person: KeycloakBrowser
    ) -> None:
        admin = sign_in(person, "casey")

        user = User.objects.get(username="casey")
        assert admin.is_in()
        assert [group.name for group in user.groups.all()] == ["csr"]
        assert (user.is_superuser, user.email) == (False, "casey@example.com")

    def test_is_refused_to_customers(self, person: KeycloakBrowser) -> None:
        assert not sign_in(person, "ana").is_in()
        assert not User.objects.filter(username="ana").exists()

    def test_is_lost_at_the_next_renewal_when_disabled(
        self, keycloak: KeycloakNode, person: KeycloakBrowser
    ) -> None:
        admin = sign_in(person, "mark")
        admin.age()
        assert admin.is_in()

        with KeycloakAdministrator(keycloak) as administrator:
            administrator.set_enabled("mark", enabled=False)
            admin.age()
            assert not admin.is_in()
            administrator.set_enabled("mark", enabled=True)


class TestLogout:
    def test_at_keycloak_ends_the_session_in_time(
        self, fresh_database: str, keycloak: KeycloakNode, person: KeycloakBrowser
    ) -> None:
        with KeycloakAdministrator(keycloak) as administrator, WebThread() as web:
            administrator.send_logouts_to(
                f"{web.url}/auth/back-channel-logout", client_id="ossrep-admin"
            )
            admin = sign_in(person, "adele")
            assert admin.is_in()

            administrator.sign_out("adele")
            started = time.monotonic()
            while admin.is_in():
                assert time.monotonic() - started < LATEST_S
                time.sleep(0.1)
