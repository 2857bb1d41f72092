"""The API's own documents: OpenAPI for programs, a page without scripts for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from drf_spectacular.generators import SchemaGenerator

from ossrep.infra.web.surfaces import Surface

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call, as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: tuple[Mapping[str, Any], ...]
    body: str
    answers: tuple[tuple[str, str], ...]


class DocumentView(View):
    """``openapi.json`` of one surface."""

    surface: Surface = "external"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The document."""
        return HttpResponse(_document_text(self.surface), content_type=_JSON)


class PageView(View):
    """All calls of one surface on one page."""

    surface: Surface = "external"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        document = document_of(self.surface)
        context = {
            "surface": self.surface,
            "info": document["info"],
            "operations": list(_operations(document)),
            "shapes": {
                name: json.dumps(shape, indent=2)
                for name, shape in sorted(document["components"]["schemas"].items())
            },
        }
        return render(request, "infra/api_page.html", context)


def document_of(surface: Surface) -> Mapping[str, Any]:
    """The OpenAPI document of a surface."""
    found: Mapping[str, Any] = json.loads(_document_text(surface))
    return found


@lru_cache(maxsize=2)
def _document_text(surface: Surface) -> str:
    generator = SchemaGenerator(urlconf=f"config.urls_{surface}")  # type: ignore[no-untyped-call]
    document = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return json.dumps(document, default=str)


def _operations(document: Mapping[str, Any]) -> list[Operation]:
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=operation.get("summary", operation["operationId"]),
            description=operation.get("description", ""),
            needs_token={} not in operation.get("security", [{}]),
            parameters=tuple(operation.get("parameters", ())),
            body=_shape_of(operation.get("requestBody", {})),
            answers=tuple(
                (status, _shape_of(answer)) for status, answer in operation["responses"].items()
            ),
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def _shape_of(part: Mapping[str, Any]) -> str:
    for content in part.get("content", {}).values():
        schema = content.get("schema", {})
        reference = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
        return str(reference).rsplit("/", 1)[-1]
    return ""
