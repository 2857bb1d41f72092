"""The first superuser: made at start where none exists, with a password printed once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connections

from ossrep.infra import database
from ossrep.infra.models import OneTimePassword

USERNAME = "admin"
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH = 16


@dataclass(frozen=True, slots=True)
class SignIn:
    """A name and the password that is in force until the user chooses another."""

    username: str
    password: str


def first_sign_in() -> SignIn | None:
    """The way in for a new installation; None when somebody has a way in already.

    Where no superuser exists, one is made. While its printed password was not changed, each
    start draws a new one, so a password read from an old log opens nothing.
    """
    with database.transaction("default"), connections["default"].cursor() as cursor:
        # Two servers that start at once must not both make a user.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ossrep.first_sign_in'))")
        user = _user_without_own_password()
        if user is None:
            return None
        password = "".join(secrets.choice(_LETTERS) for _ in range(PASSWORD_LENGTH))
        user.set_password(password)
        user.save()
        OneTimePassword.objects.update_or_create(
            username=user.get_username(), defaults={"password_hash": user.password}
        )
        return SignIn(username=user.get_username(), password=password)


def _user_without_own_password() -> User | None:
    given = {row.username: row.password_hash for row in OneTimePassword.objects.all()}
    superusers = list(User.objects.filter(is_superuser=True, is_active=True))
    if not superusers:
        model = get_user_model()
        return model(username=USERNAME, is_staff=True, is_superuser=True)
    if all(given.get(user.username) == user.password for user in superusers):
        return superusers[0]
    return None
