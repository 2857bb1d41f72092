"""Whose tokens are accepted, and what the roles in them mean here: configuration only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings

from ossrep.infra.roles import ROLES
from ossrep.kernel.errors import DomainError

ALGORITHMS = ("RS256", "ES256")
RIGHT = re.compile(r"[a-z][a-z-]*:[a-z][a-z-]*")


class IssuerMisconfigured(DomainError):
    """An entry of the setting ``OSSREP_ISSUERS`` cannot be meant."""

    code = "issuer_misconfigured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer. Its keys come from ``jwks_url``, or from the function that ``jwks`` names.

    ``types`` are the ``typ`` headers of its access tokens. ``payload_type`` is the claim ``typ``
    that they must have besides (Keycloak: ``Bearer``, where an ID token says ``ID``).
    ``roles`` are role names of ours that it may give; ``rights`` gives other names a scoped
    right. Names in neither list mean nothing, so a foreign ``admin`` is nobody.
    ``logout_audiences`` are client ids whose sign-ins it may end by back-channel logout, with
    tokens of ``logout_types``; without any it ends nothing.
    """

    issuer: str
    audience: str
    jwks_url: str = ""
    jwks: str = ""
    algorithms: Sequence[str] = ("RS256",)
    types: Sequence[str] = ("at+jwt",)
    payload_type: str = ""
    takes_audience_list: bool = False
    role_path: str = "realm_access.roles"
    roles: Sequence[str] = ()
    rights: Mapping[str, str] = field(default_factory=dict)
    logout_audiences: Sequence[str] = ()
    logout_types: Sequence[str] = ("logout+jwt",)

    def roles_of(self, claims: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
        """Our roles and the scoped rights that the claims give."""
        found: Any = claims
        for step in self.role_path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        names = {name for name in found if isinstance(name, str)} if _is_list(found) else set()
        rights = {self.rights[name] for name in names if name in self.rights}
        return frozenset(names.intersection(self.roles)), frozenset(rights)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def read_issuers(entries: Sequence[Mapping[str, Any]]) -> dict[str, Issuer]:
    """Issuers by their ``iss``. Raises IssuerMisconfigured with the place."""
    found: dict[str, Issuer] = {}
    for place, entry in enumerate(entries):
        issuer = _read(entry, where=f"OSSREP_ISSUERS[{place}]")
        if issuer.issuer in found:
            raise IssuerMisconfigured(
                f"{issuer.issuer} is configured twice", where=f"OSSREP_ISSUERS[{place}].issuer"
            )
        found[issuer.issuer] = issuer
    return found


def _read(entry: Mapping[str, Any], *, where: str) -> Issuer:
    try:
        issuer = Issuer(**entry)
    except TypeError as error:
        raise IssuerMisconfigured(f"a field is missing or unknown: {error}", where=where) from error
    for problem in _problems(issuer):
        raise IssuerMisconfigured(problem, where=where)
    return issuer


def _problems(issuer: Issuer) -> list[str]:
    found = []
    if not issuer.issuer or not issuer.audience:
        found.append("issuer and audience must not be empty")
    if bool(issuer.jwks_url) == bool(issuer.jwks):
        found.append("give one of jwks_url and jwks")
    if not issuer.types or not set(issuer.algorithms) or set(issuer.algorithms) - set(ALGORITHMS):
        found.append(f"types must not be empty and algorithms must be of {', '.join(ALGORITHMS)}")
    if unknown := sorted(set(issuer.roles) - set(ROLES)):
        found.append(f"roles {unknown} are none of {', '.join(ROLES)}")
    if wrong := sorted(r for r in issuer.rights.values() if not RIGHT.fullmatch(r)):
        found.append(f"rights {wrong} are not of the form area:right")
    return found


@lru_cache(maxsize=1)
def configured_issuers() -> Mapping[str, Issuer]:
    """The issuers of the settings."""
    return read_issuers(settings.OSSREP_ISSUERS)
