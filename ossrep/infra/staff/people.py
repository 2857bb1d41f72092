"""From a provider's person to an operator's account, with the groups of their roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, User

from ossrep.infra import database
from ossrep.infra.auth.principal import Principal
from ossrep.infra.models import StaffIdentity
from ossrep.infra.roles import READERS

STAFF_ROLES = frozenset(READERS)
_NAME_LENGTH_MAX = 150


def operator_of(principal: Principal, *, claims: Mapping[str, Any]) -> User | None:
    """The account, brought up to the token's roles; None for somebody who is not of the staff.

    An account of the embedded provider is the person's own. People of another provider get one
    of their own: a name or an e-mail address alone never opens an account that is there.
    """
    if principal.issuer == settings.OSSREP_OIDC_ISSUER:
        return _own_account(principal)
    with database.transaction("default"):
        roles = sorted(principal.roles & STAFF_ROLES)
        identity = (
            StaffIdentity.objects.select_related("user")
            .filter(issuer=principal.issuer, subject=principal.subject)
            .first()
        )
        if identity is None and not roles:
            return None
        user = identity.user if identity else _new_account(principal, claims)
        user.is_staff = bool(roles)
        for field, claim in (
            ("first_name", "given_name"),
            ("last_name", "family_name"),
            ("email", "email"),
        ):
            setattr(user, field, str(claims.get(claim, getattr(user, field)))[:_NAME_LENGTH_MAX])
        user.save()
        user.groups.set(Group.objects.filter(name__in=roles))
    return user if roles and user.is_active else None


def _own_account(principal: Principal) -> User | None:
    if not principal.subject.isascii() or not principal.subject.isdigit():
        return None
    return User.objects.filter(pk=int(principal.subject), is_active=True, is_staff=True).first()


def _new_account(principal: Principal, claims: Mapping[str, Any]) -> User:
    user = User.objects.create_user(_free_name(principal, claims))
    StaffIdentity.objects.create(issuer=principal.issuer, subject=principal.subject, user=user)
    return user


def _free_name(principal: Principal, claims: Mapping[str, Any]) -> str:
    """The name at the provider, made different from the names that are taken."""
    name = str(claims.get("preferred_username") or principal.subject)
    host = urlsplit(principal.issuer).hostname or "provider"
    for candidate in (name, f"{name}@{host}", f"{principal.subject}@{host}"):
        short = candidate[:_NAME_LENGTH_MAX]
        if not User.objects.filter(username__iexact=short).exists():
            return short
    return f"{principal.subject}@{principal.issuer}"[:_NAME_LENGTH_MAX]
