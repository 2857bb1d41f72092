"""OpenAPI 3.1 of what the views say: camelCase names, problems, keys and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from ossrep.infra.web.json_bodies import camel
from ossrep.infra.web.problems import MEDIA_TYPE

_TEXT: Mapping[str, Any] = {"type": "string"}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `code` is stable, `errors` names single fields by JSON pointer.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "where": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
                "required": ["pointer", "code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}


class ApiSchema(AutoSchema):
    """An operation with its problems and its Idempotency-Key."""

    def get_override_parameters(self) -> list[Any]:
        """The key of unsafe calls."""
        if self.method not in ("POST", "PUT", "PATCH", "DELETE"):
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                required=getattr(self.view, "idempotency", "required") == "required",
                description="8 to 200 visible ASCII characters, new for each new call.",
            )
        ]

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation, and that every other answer is a problem."""
        operation: Any = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"]["default"] = {
                "description": "A problem.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        return operation


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the documents name our tokens."""

    target_class = "ossrep.infra.auth.rest.BearerAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer in the header."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def finish_document(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """Names in camelCase, as the renderer writes them, and the shape of problems."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    for schema in schemas.values():
        _camelize(schema)
    schemas["Problem"] = PROBLEM
    return result


def _camelize(schema: Any) -> None:
    if isinstance(schema, list):
        for inner in schema:
            _camelize(inner)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {camel(name): s for name, s in schema["properties"].items()}
        schema["required"] = [camel(name) for name in schema.get("required", [])]
        if not schema["required"]:
            del schema["required"]
        for inner in schema["properties"].values():
            _camelize(inner)
    for part in ("items", "allOf", "oneOf", "anyOf", "additionalProperties"):
        _camelize(schema.get(part))
