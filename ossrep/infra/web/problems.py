"""Errors as RFC 9457 problems: a stable code, what is wrong, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.defaults import page_not_found
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from ossrep.infra.remote.errors import ServiceUnavailable
from ossrep.infra.web.json_bodies import camel
from ossrep.kernel.errors import DomainError

MEDIA_TYPE = "application/problem+json"
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY

_status_of: dict[str, HTTPStatus] = {}


def answer_with(*, statuses: Mapping[str, HTTPStatus]) -> None:
    """Gives codes of DomainErrors their HTTP status; a code that nobody names answers 422.

    A context calls it once in its ``rest/urls.py``.
    """
    _status_of.update(statuses)


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: every anticipated error becomes a problem; the rest is raised."""
    if isinstance(exc, DomainError):
        return problem(
            status=_status_of.get(exc.code, UNPROCESSABLE),
            code=exc.code,
            detail=exc.message,
            where=exc.where,
        )
    if isinstance(exc, ServiceUnavailable):
        return problem(
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            code=exc.code,
            detail="A service that is needed for this does not answer; try again.",
        )
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    response = exception_handler(exc, dict(context))
    if response is None or not isinstance(exc, exceptions.APIException):
        return response
    status = HTTPStatus(response.status_code)
    answered = problem(
        status=status,
        code=_code_of(exc),
        detail=_detail_of(exc),
        errors=list(_field_errors(exc.detail)) if isinstance(exc.detail, dict | list) else (),
    )
    for name, value in response.items():
        if name.lower() in ("www-authenticate", "retry-after", "allow"):
            answered[name] = value
    return answered


def unknown_address(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """``handler404`` of all surfaces: a problem under ``/api/``, else a page."""
    if not request.path_info.startswith("/api/"):
        return page_not_found(request, exception)
    found = exceptions.NotFound()
    status = HTTPStatus.NOT_FOUND
    body = {
        "type": f"urn:ossrep:problem:{found.default_code}",
        "title": status.phrase,
        "status": int(status),
        "code": found.default_code,
        "detail": str(found.detail),
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def problem(
    *,
    status: HTTPStatus,
    code: str,
    detail: str,
    where: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """A problem document; ``errors`` are ``{pointer, code, detail}`` of single fields."""
    body: dict[str, Any] = {
        "type": f"urn:ossrep:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    if where:
        body["where"] = where
    if errors:
        body["errors"] = list(errors)
    return Response(body, status=int(status), content_type=MEDIA_TYPE)


def _code_of(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.ValidationError):
        return "invalid_request"
    codes = exc.get_codes()
    return codes if isinstance(codes, str) else str(exc.default_code)


def _detail_of(exc: exceptions.APIException) -> str:
    if isinstance(exc.detail, str):
        return exc.detail
    return "The request does not fit; see errors."


def _field_errors(detail: Any, pointer: str = "") -> Iterator[Mapping[str, str]]:
    """Every leaf of DRF's nested details, with a JSON pointer to its field (RFC 6901).

    Fields are named as callers write them.
    """
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else f"/{_escaped(camel(str(name)))}"
            yield from _field_errors(inner, f"{pointer}{step}")
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            is_leaf = not isinstance(inner, dict | list)
            yield from _field_errors(inner, pointer if is_leaf else f"{pointer}/{place}")
    else:
        yield {
            "pointer": pointer or "/",
            "code": str(getattr(detail, "code", "invalid")),
            "detail": str(detail),
        }


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
