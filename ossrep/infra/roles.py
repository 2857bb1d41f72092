"""Groups for the roles of the operators, and what each may do.

Everyone who works with customers may read every record; changing belongs to the context of the
role. A context names finer rights in ``ossrep/<context>/permissions.py``::

    ROLE_PERMISSIONS: Mapping[str, Sequence[str]] = {"billing": ["reverse_invoice"]}

Permissions are found by name after each migrate, so the groups follow the code.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group, Permission

from ossrep.infra.database import CONTEXTS, installed
from ossrep.kernel.errors import DomainError

ROLES = ("customer", "csr", "billing", "market", "product", "admin", "service")
# Users, sign-ins and messages; the admin shows most of them without a way to change them.
_OF_THE_HOUSE = ("auth", "infra", "oidc", "oidc_provider")
READERS = ("csr", "billing", "market", "product", "admin")
OWN_CONTEXTS: Mapping[str, Sequence[str]] = {
    "csr": ["customer"],
    "billing": ["billing"],
    "market": ["market", "meter"],
    "product": ["product"],
    "admin": CONTEXTS,
}


class UnknownPermission(DomainError):
    """A context gives a role a permission that none of its models has."""

    code = "unknown_permission"


def grant() -> None:
    """Sets each role's group to its permissions; call after ``default`` was migrated."""
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(_permissions_of(role))


def _permissions_of(role: str) -> set[Permission]:
    of_contexts = Permission.objects.filter(content_type__app_label__in=installed())
    granted: set[Permission] = set()
    if role in READERS:
        granted.update(of_contexts.filter(codename__startswith="view_"))
    granted.update(of_contexts.filter(content_type__app_label__in=OWN_CONTEXTS.get(role, [])))
    for context in installed():
        named = _named_by(context).get(role, ())
        found = of_contexts.filter(content_type__app_label=context, codename__in=named)
        missing = set(named) - {permission.codename for permission in found}
        if missing:
            raise UnknownPermission(
                f"role {role!r} is given {sorted(missing)}, which no model has",
                where=f"ossrep.{context}.permissions",
            )
        granted.update(found)
    if role == "admin":
        granted.update(Permission.objects.filter(content_type__app_label__in=_OF_THE_HOUSE))
    return granted


def _named_by(context: str) -> Mapping[str, Sequence[str]]:
    path = f"ossrep.{context}.permissions"
    if importlib.util.find_spec(path) is None:
        return {}
    named: Mapping[str, Sequence[str]] = importlib.import_module(path).ROLE_PERMISSIONS
    return named
