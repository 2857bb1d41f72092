"""What bodies the documents name: their schemas, and every place in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ossrep.infra.web.documents import document_of
from ossrep.infra.web.surfaces import Surface
from tests.attacks.operations import Operation


def shape_of(operation: Operation) -> Mapping[str, Any]:
    """The JSON schema of the body."""
    schema = operation.document["requestBody"]["content"]["application/json"]["schema"]
    return resolved(operation.surface, schema)


def resolved(surface: Surface, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reference's schema; that of an object among several forms."""
    for form in schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf") or ():
        found = resolved(surface, form)
        if found.get("type") in ("object", "array"):
            return found
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        named: Mapping[str, Any] = document_of(surface)["components"]["schemas"][name]
        return named
    return schema


def fields_of(operation: Operation) -> Iterator[str]:
    """Every field of the body, as ``accounts[].mailingAddress.zip``."""
    for path, schema in places_of(operation):
        for name, inner in schema.get("properties", {}).items():
            is_list = resolved(operation.surface, inner).get("type") == "array" or (
                "array" in resolved(operation.surface, inner).get("type", ())
            )
            yield f"{path}{name}{'[]' if is_list else ''}"


def places_of(operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path, schema) of the body and of every object in it; the path ends in ``.`` or is empty."""
    yield from _objects(operation.surface, "", shape_of(operation))


def _objects(
    surface: Surface, path: str, schema: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    kinds = schema.get("type", ())
    if "array" in kinds:
        inner = resolved(surface, schema["items"])
        yield from _objects(surface, f"{path.removesuffix('.')}[].", inner)
        return
    if "properties" not in schema:
        return
    yield path, schema
    for name, inner in schema["properties"].items():
        yield from _objects(surface, f"{path}{name}.", resolved(surface, inner))
