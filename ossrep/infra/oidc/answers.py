"""How the provider answers: JSON that nobody keeps, redirects, pages that may lead to a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from ossrep.infra.web.headers import PAGE_POLICY


def unkept(response: HttpResponse) -> HttpResponse:
    """The response with headers that keep it out of every cache."""
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def secret_json(body: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """JSON with tokens or about a person."""
    return unkept(JsonResponse(body, status=status))


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    """The address with more query fields; those it has stay as they are."""
    parts = urlsplit(uri)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *fields.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def redirect(uri: str) -> HttpResponse:
    """302 to a checked address of any scheme (Django's own knows web schemes only)."""
    response = HttpResponse(status=302)
    response["Location"] = uri
    return unkept(response)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    leads_to: str = "",
) -> HttpResponse:
    """A page whose form may, by way of redirects, end at the client's address ``leads_to``."""
    response = unkept(render(request, template, dict(context or {}), status=status))
    response["Content-Security-Policy"] = policy(leads_to=leads_to)
    return response


def policy(*, leads_to: str) -> str:
    """The content policy of a page; browsers hold redirects after a form to it, too."""
    parts = urlsplit(leads_to)
    if not leads_to:
        return PAGE_POLICY
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    return PAGE_POLICY.replace("form-action 'self'", f"form-action 'self' {origin}")
