"""A new installation lets its first user in, and nobody after that."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from ossrep.infra.first_user import SignIn, first_sign_in

pytestmark = pytest.mark.django_db(databases="__all__")


def _opens(sign_in: SignIn) -> bool:
    return authenticate(username=sign_in.username, password=sign_in.password) is not None


class TestFirstSignIn:
    def test_makes_a_superuser_where_none_exists(self) -> None:
        sign_in = first_sign_in()

        assert sign_in is not None
        user = User.objects.get()
        assert (user.username, user.is_staff, user.is_superuser) == ("admin", True, True)
        assert _opens(sign_in)

    def test_draws_a_new_password_until_it_is_changed(self) -> None:
        first, second = first_sign_in(), first_sign_in()

        assert first is not None
        assert second is not None
        assert not _opens(first)
        assert _opens(second)
        assert User.objects.count() == 1

    def test_gives_nothing_once_the_password_was_changed(self) -> None:
        first_sign_in()
        user = User.objects.get()
        user.set_password("my own long password")
        user.save()

        assert first_sign_in() is None
        assert authenticate(username="admin", password="my own long password") is not None

    def test_gives_nothing_where_another_superuser_exists(self) -> None:
        User.objects.create_superuser("chief", password="a long password")

        assert first_sign_in() is None
        assert User.objects.count() == 1
