"""Groups for the roles, with their permissions found by name."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from django.contrib.auth.models import Group, User

from ossrep.infra import roles

pytestmark = pytest.mark.django_db(databases="__all__")


def _user(role: str, *, name: str = "") -> User:
    user = User.objects.create_user(name or f"user-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


class TestRoles:
    def test_are_groups_of_a_new_database(self) -> None:
        assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)

    @pytest.mark.parametrize("role", roles.READERS)
    def test_let_operators_read_every_context(self, role: str) -> None:
        user = _user(role)

        for context in ("customer", "product", "meter", "market", "billing"):
            assert user.has_perm(f"{context}.view_outboxevent")

    @pytest.mark.parametrize(
        ("role", "own", "foreign"),
        [
            ("csr", "customer", "billing"),
            ("billing", "billing", "customer"),
            ("market", "meter", "billing"),
            ("product", "product", "market"),
        ],
    )
    def test_let_operators_change_their_own_context_only(
        self, role: str, own: str, foreign: str
    ) -> None:
        user = _user(role)

        assert user.has_perm(f"{own}.change_outboxevent")
        assert not user.has_perm(f"{foreign}.change_outboxevent")

    @pytest.mark.parametrize("role", ["customer", "service"])
    def test_give_no_admin_right_to_outsiders(self, role: str) -> None:
        assert _user(role).get_all_permissions() == set()

    def test_let_only_admins_manage_users(self) -> None:
        assert _user("admin").has_perm("auth.change_user")
        assert not _user("csr").has_perm("auth.change_user")

    def test_let_only_admins_see_clients_and_sign_ins(self) -> None:
        for permission in ("oidc_provider.view_client", "oidc.view_grant"):
            assert _user("admin", name=permission).has_perm(permission)
            assert not _user("csr", name=f"csr-{permission}").has_perm(permission)


class TestGrant:
    @pytest.fixture
    def named(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
        """Permissions a context names in a module of its own."""
        named: dict[str, list[str]] = {}
        module = ModuleType("ossrep.meter.permissions")
        module.__spec__ = __spec__
        module.ROLE_PERMISSIONS = named  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "ossrep.meter.permissions", module)
        return named

    def test_adds_what_a_context_names(self, named: dict[str, list[str]]) -> None:
        named["csr"] = ["change_outboxevent"]

        roles.grant()

        assert _user("csr").has_perm("meter.change_outboxevent")

    def test_takes_back_what_is_no_longer_named(self, named: dict[str, list[str]]) -> None:
        named["csr"] = ["change_outboxevent"]
        roles.grant()
        named.clear()

        roles.grant()

        assert not _user("csr").has_perm("meter.change_outboxevent")

    def test_refuses_a_permission_no_model_has(self, named: dict[str, list[str]]) -> None:
        named["csr"] = ["wave_wand"]

        with pytest.raises(roles.UnknownPermission, match=r"ossrep\.meter\.permissions.*wave_wand"):
            roles.grant()
