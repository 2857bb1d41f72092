"""``POST /api/v1/services/<context>/<method>``: what contexts publish, for other processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ossrep.infra.remote.codec import BadValue, NotOverHttp, writer
from ossrep.infra.remote.methods import Method, methods_of, protocol_of
from ossrep.infra.services import is_address, resolve
from ossrep.infra.web.json_bodies import read_json
from ossrep.infra.web.problems import problem
from ossrep.infra.web.views import InternalView
from ossrep.kernel.errors import DomainError

ARGUMENTS_BYTES_MAX = 32_000_000


class PlainJsonParser(BaseParser):
    """Strict JSON whose names are left alone: they may be data."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body's value. Raises ParseError, which answers 400."""
        raw = stream.read(ARGUMENTS_BYTES_MAX + 1)
        if len(raw) > ARGUMENTS_BYTES_MAX:
            raise ParseError(f"at most {ARGUMENTS_BYTES_MAX:,} bytes", code="too_large")
        return read_json(raw)


class ServiceCallView(InternalView):
    """One method of a context that runs here; called by services, with a service token."""

    idempotency = "optional"
    parser_classes = [PlainJsonParser]

    @extend_schema(
        operation_id="callService",
        summary="Call a published method",
        description="The body has the method's arguments, the answer is `{answer}`; see "
        "docs/api/services.md. A refusal of the method itself is 422 with its code.",
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
    )
    def post(self, request: Request, context: str, method: str) -> HttpResponse:
        """The method's answer, as its type says."""
        protocol, found = _found(context, method)
        try:
            arguments = found.read_body(request.data)
        except (BadValue, NotOverHttp) as error:
            return problem(
                status=HTTPStatus.BAD_REQUEST,
                code=error.code,
                detail=error.message,
                where=error.where,
            )
        return _call(resolve(protocol), found, arguments)


def _call(service: Any, method: Method, arguments: Mapping[str, Any]) -> HttpResponse:
    try:
        value = getattr(service, method.name)(**arguments)
    except DomainError as error:
        # Always 422, whatever status the code has elsewhere: the caller tells by it that the
        # method has answered.
        return problem(
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            code=error.code,
            detail=error.message,
            where=error.where,
        )
    body = json.dumps({"answer": writer(method.answer)(value)}, separators=(",", ":"))
    return HttpResponse(body, content_type="application/json")


def _found(context: str, name: str) -> tuple[type[Any], Method]:
    """The Protocol and its method. Raises NotFound, with other codes for the two reasons."""
    implementation = settings.OSSREP_SERVICES.get(context)
    if implementation is None or is_address(implementation):
        raise NotFound("That context does not run here.", code="context_not_here")
    protocol = protocol_of(context)
    method = methods_of(protocol).get(name)
    if method is None:
        raise NotFound(
            "The context publishes no such method here; see that both sides have one version.",
            code="unknown_method",
        )
    return protocol, method
