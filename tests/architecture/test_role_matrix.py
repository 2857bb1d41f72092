"""Every route of both surfaces has its row in the role matrix, and each surface its own views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, path, resolve

from config import urls_external, urls_internal
from ossrep.infra.auth.matrix import METHODS, PUBLIC, Matrix, matrix
from ossrep.infra.web.surfaces import Route
from ossrep.infra.web.views import ApiView, ExternalView, InternalView, PublicView

# Django's admin asks Django's own permissions, which tests/integration/infra/test_roles.py holds.
ADMIN = "admin/"


def routes(patterns: Sequence[Route], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(path, pattern) of every route, those of included ones too; the admin's left out."""
    for pattern in patterns:
        found = prefix + str(pattern.pattern)
        if found == ADMIN:
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, found)
        else:
            yield found, pattern


def view_class(pattern: URLPattern) -> Any:
    """The class of a class-based view, else the function."""
    callback: Any = pattern.callback
    return getattr(callback, "cls", None) or getattr(callback, "view_class", callback)


def lacking(patterns: Sequence[Route], rows: Matrix) -> list[str]:
    """What is wrong between routes and rows."""
    findings = []
    for where, pattern in routes(patterns):
        row = rows.get(pattern.name or "")
        if row is None:
            findings.append(f"{where}: no row named {pattern.name!r} in config/role_matrix.yaml")
            continue
        cls = view_class(pattern)
        if isinstance(cls, type) and issubclass(cls, ApiView):
            offered = {method for method in METHODS if hasattr(cls, method.lower())}
            if offered != set(row):
                findings.append(f"{where}: offers {sorted(offered)}, its row has {sorted(row)}")
            is_public = any(PUBLIC in roles for roles in row.values())
            if is_public != issubclass(cls, PublicView):
                findings.append(f"{where}: public rows and PublicView go together")
    return findings


def misplaced(patterns: Sequence[Route], allowed: tuple[type, ...]) -> list[str]:
    """API views that are of the other surface."""
    return [
        f"{where}: {view_class(pattern).__name__} is of the other surface"
        for where, pattern in routes(patterns)
        if isinstance(view_class(pattern), type)
        and issubclass(view_class(pattern), ApiView)
        and not issubclass(view_class(pattern), allowed)
    ]


EXTERNAL = urls_external.urlpatterns
INTERNAL = urls_internal.urlpatterns


class TestRoleMatrix:
    def test_has_a_row_for_every_route(self) -> None:
        assert lacking([*EXTERNAL, *INTERNAL], matrix()) == []

    def test_has_no_row_without_route(self) -> None:
        named = {pattern.name for _, pattern in routes([*EXTERNAL, *INTERNAL])}

        assert set(matrix()) - named == set()

    def test_names_every_route_once(self) -> None:
        names = [pattern.name for _, pattern in routes([*EXTERNAL, *INTERNAL])]

        assert sorted(n for n in names if n and names.count(n) > 1) == []

    def test_bites_on_a_route_without_row(self) -> None:
        planted = [path("api/v1/planted", InternalView.as_view(), name="planted")]

        assert lacking(planted, {}) == [
            "api/v1/planted: no row named 'planted' in config/role_matrix.yaml"
        ]

    def test_bites_on_a_method_without_role(self) -> None:
        class Planted(InternalView):
            def get(self) -> None: ...
            def delete(self) -> None: ...

        planted = [path("api/v1/planted", Planted.as_view(), name="planted")]

        assert lacking(planted, {"planted": {"GET": frozenset({"csr"})}}) == [
            "api/v1/planted: offers ['DELETE', 'GET'], its row has ['GET']"
        ]

    def test_bites_on_a_closed_view_that_is_public(self) -> None:
        class Planted(InternalView):
            def get(self) -> None: ...

        planted = [path("api/v1/planted", Planted.as_view(), name="planted")]

        assert lacking(planted, {"planted": {"GET": frozenset({PUBLIC})}}) == [
            "api/v1/planted: public rows and PublicView go together"
        ]


class TestSurfaces:
    def test_have_views_of_their_own(self) -> None:
        assert misplaced(EXTERNAL, (ExternalView, PublicView)) == []
        assert misplaced(INTERNAL, (InternalView,)) == []

    def test_bite_on_an_internal_view_outside(self) -> None:
        planted = [path("api/v1/planted", InternalView.as_view(), name="planted")]

        assert misplaced(planted, (ExternalView, PublicView)) == [
            "api/v1/planted: InternalView is of the other surface"
        ]

    @pytest.mark.parametrize("where", [found for found, _ in routes(INTERNAL)] + [ADMIN])
    def test_answer_no_internal_route_outside(self, where: str) -> None:
        sample = "/" + where.replace("<int:", "<").replace("<", "1<").split("<")[0]

        with pytest.raises(Resolver404):
            resolve(sample, urlconf="config.urls_external")
