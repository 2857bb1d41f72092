"""The role matrix: which role may call which route with which method. One file, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from ossrep.infra.auth.issuers import RIGHT
from ossrep.infra.auth.principal import Principal
from ossrep.infra.roles import ROLES
from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.errors import DomainError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PUBLIC = "public"

Matrix = Mapping[str, Mapping[str, frozenset[str]]]


class MatrixInvalid(DomainError):
    """The role matrix names a method or role that there is not."""

    code = "role_matrix_invalid"


def read_matrix(*, path: Path) -> Matrix:
    """Route name to method to roles. Raises MatrixInvalid with the place."""
    file = read_yaml(path=path)
    data: Any = file.data
    found: dict[str, dict[str, frozenset[str]]] = {}
    for route, methods in data["routes"].items():
        found[route] = {}
        for method, roles in methods.items():
            _check(method, roles, where=file.where(f"routes.{route}.{method}"))
            found[route][method] = frozenset(roles)
    return found


def _check(method: str, roles: Any, *, where: str) -> None:
    if method not in METHODS:
        raise MatrixInvalid(f"{method!r} is none of {', '.join(METHODS)}", where=where)
    known = {PUBLIC, *ROLES}
    wrong = [r for r in roles if r not in known and not RIGHT.fullmatch(r)]
    if not roles or wrong:
        raise MatrixInvalid(f"{wrong or 'nobody'} is no list of roles or rights", where=where)
    if PUBLIC in roles and len(roles) > 1:
        raise MatrixInvalid("public stands alone", where=where)


@lru_cache(maxsize=1)
def matrix() -> Matrix:
    """The matrix of the settings."""
    return read_matrix(path=Path(settings.OSSREP_ROLE_MATRIX))


def allowed(*, route: str, method: str) -> frozenset[str]:
    """Who may; nobody where the matrix has no such row. HEAD is as GET."""
    row = matrix().get(route, {})
    return row.get("GET" if method == "HEAD" else method, frozenset())


def may(principal: Principal | None, *, route: str, method: str) -> bool:
    """True when the matrix lets the caller (None: nobody known) call the route."""
    roles = allowed(route=route, method=method)
    if PUBLIC in roles:
        return True
    return principal is not None and not roles.isdisjoint(principal.roles | principal.rights)
