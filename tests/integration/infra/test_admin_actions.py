"""Which role may act on which records: the actions of the admin, role by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import RequestFactory

from ossrep.infra.database import CONTEXTS
from ossrep.infra.roles import OWN_CONTEXTS, READERS

OF_THE_HOUSE = ("auth", "oidc")
"""People and their sign-ins: the admins' alone."""

pytestmark = pytest.mark.django_db(databases="__all__")


def _actions(role: str) -> dict[str, set[str]]:
    """By record, the actions that its list offers to somebody of this role."""
    user = User.objects.create_user(f"user-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    request: Any = RequestFactory().get("/admin/")
    request.user = user
    found = {
        model._meta.label: set(page.get_actions(request)) - {"delete_selected"}
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    }
    return {label: names for label, names in found.items() if names}


def _all_actions(context: str) -> dict[str, set[str]]:
    pages = admin.site._registry.items()
    return {
        model._meta.label: {str(name) for name in page.actions or ()}
        for model, page in pages
        if model._meta.app_label == context and page.actions
    }


class TestActions:
    @pytest.mark.parametrize("role", READERS)
    def test_are_those_of_the_roles_own_contexts(self, role: str) -> None:
        own = [*OWN_CONTEXTS[role], *(OF_THE_HOUSE if role == "admin" else ())]

        expected = {label: names for c in own for label, names in _all_actions(c).items()}

        assert _actions(role) == expected

    def test_are_there_at_all(self) -> None:
        assert _all_actions("market")["market.TdspPayment"] == {"approve", "withdraw"}
        assert {label.split(".")[0] for c in CONTEXTS for label in _all_actions(c)} == set(CONTEXTS)

    @pytest.mark.parametrize("role", ["customer", "service"])
    def test_are_none_for_outsiders(self, role: str) -> None:
        assert _actions(role) == {}


class TestDeletion:
    @pytest.mark.parametrize("role", READERS)
    def test_is_offered_for_no_record_that_is_read_only(self, role: str) -> None:
        user = User.objects.create_user(f"user-{role}", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        request: Any = RequestFactory().get("/admin/")
        request.user = user

        deletable: set[type[Model]] = {
            model
            for model, page in admin.site._registry.items()
            if page.has_delete_permission(request) and not page.has_change_permission(request)
        }

        assert deletable == set()
