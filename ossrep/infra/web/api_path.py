"""Calls of the API pass by what only pages need: static files, sessions, cookies, forms, messages.

A call is let in by its token alone, so no cookie that a browser sends along can mean anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from ossrep.infra.web.request_log import RequestLogMiddleware

PREFIX = "/api/"


class ApiPathMiddleware:
    """Hands calls to ``RequestLogMiddleware``, past what stands between in ``MIDDLEWARE``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._to_pages = get_response
        self._to_api = _past_pages(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with its length; 400 for a host that is not ours."""
        if not request.path_info.startswith(PREFIX):
            return self._to_pages(request)
        request.get_host()
        response = self._to_api(request)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _past_pages(handler: Any) -> Callable[[HttpRequest], HttpResponse]:
    """Django wraps each middleware, and the middleware knows the next one."""
    while not isinstance(getattr(handler, "__wrapped__", None), RequestLogMiddleware):
        handler = getattr(getattr(handler, "__wrapped__", None), "get_response", None)
        if handler is None:
            raise ImproperlyConfigured("MIDDLEWARE has no RequestLogMiddleware after this one")
    found: Callable[[HttpRequest], HttpResponse] = handler
    return found
