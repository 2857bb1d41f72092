"""Accounts of people whom another provider let in: their own, with the groups of their roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from ossrep.infra.auth.principal import Principal
from ossrep.infra.staff.people import operator_of
from tests.integration.infra.oidc.portal import make_user

pytestmark = pytest.mark.django_db(databases="__all__")
CLAIMS = {"preferred_username": "casey", "given_name": "Casey", "email": "casey@example.com"}


def person(*roles: str, subject: str = "s-1") -> Principal:
    return Principal(
        issuer="https://login.example/realms/ossrep", subject=subject, roles=frozenset(roles)
    )


def groups(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


class TestOperatorOf:
    def test_makes_an_account_with_the_groups_of_the_roles(self) -> None:
        user = operator_of(person("csr", "billing", "customer"), claims=CLAIMS)

        assert user is not None
        assert (user.username, user.first_name, user.email) == (
            *("casey", "Casey", "casey@example.com"),
        )
        assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (
            *(True, False, False),
        )
        assert groups(user) == ["billing", "csr"]
        assert user.has_perm("customer.change_outboxevent")
        assert not user.has_perm("market.change_outboxevent")

    def test_finds_it_again_and_follows_the_roles(self) -> None:
        first = operator_of(person("admin"), claims=CLAIMS)
        again = operator_of(person("csr"), claims=CLAIMS)

        assert first is not None
        assert first == again
        assert groups(first) == ["csr"]
        assert not first.is_superuser

    def test_closes_it_when_no_role_is_left(self) -> None:
        user = operator_of(person("csr"), claims=CLAIMS)
        assert user is not None

        assert operator_of(person("customer"), claims=CLAIMS) is None
        user.refresh_from_db()
        assert (user.is_staff, groups(user)) == (False, [])

    def test_lets_nobody_in_whom_an_operator_disabled_here(self) -> None:
        user = operator_of(person("csr"), claims=CLAIMS)
        User.objects.filter(pk=user.pk if user else 0).update(is_active=False)

        assert operator_of(person("csr"), claims=CLAIMS) is None

    def test_gives_nobody_an_account_that_is_somebody_elses(self) -> None:
        local = make_user("casey", role="admin")

        user = operator_of(person("csr"), claims={**CLAIMS, "email": local.email})
        second = operator_of(person("csr", subject="s-2"), claims=CLAIMS)

        assert user is not None
        assert second is not None
        assert user.username == "casey@login.example"
        assert second.username == "s-2@login.example"
        assert groups(local) == ["admin"]

    def test_makes_none_for_strangers(self) -> None:
        assert operator_of(person("customer", "service"), claims=CLAIMS) is None
        assert not User.objects.filter(username="casey").exists()

    def test_takes_accounts_of_the_embedded_provider_as_they_are(self, settings: Any) -> None:
        user = make_user("casey", role="csr")
        own = Principal(
            issuer=settings.OSSREP_OIDC_ISSUER, subject=str(user.pk), roles=frozenset({"admin"})
        )

        assert operator_of(own, claims=CLAIMS) is None
        User.objects.filter(pk=user.pk).update(is_staff=True)
        assert operator_of(own, claims=CLAIMS) == user
        assert groups(user) == ["csr"]
