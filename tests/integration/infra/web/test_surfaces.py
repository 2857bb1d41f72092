from __future__ import annotations

from django.urls import Resolver404, get_resolver, resolve
from django.urls.resolvers import URLPattern, URLResolver

from config import urls_external, urls_internal


class TestSurfaces:
    def test_keep_the_admin_inside(self) -> None:
        assert resolve("/admin/", urlconf="config.urls_internal").app_name == "admin"
        assert _answers("/admin/", "config.urls_external") is False

    def test_share_no_route(self) -> None:
        external = _patterns(urls_external.urlpatterns)

        assert external.isdisjoint(_patterns(urls_internal.urlpatterns))

    def test_stand_together_where_one_process_answers_both(self) -> None:
        together = get_resolver("config.urls").url_patterns

        assert together == [*urls_external.urlpatterns, *urls_internal.urlpatterns]


def _answers(path: str, urlconf: str) -> bool:
    try:
        resolve(path, urlconf=urlconf)
    except Resolver404:
        return False
    return True


def _patterns(routes: list[URLPattern | URLResolver]) -> set[str]:
    return {str(route.pattern) for route in routes}
