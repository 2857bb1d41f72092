"""Bodies that no client sends: fields that are not for writing, and what is hardly JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connections

from ossrep.infra.web.documents import document_of
from ossrep.infra.web.surfaces import Surface
from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.world import World

pytestmark = pytest.mark.xdist_group("attacks")

FORBIDDEN: Mapping[str, Any] = {
    "id": 1,
    "customerId": 2,
    "accountId": 2,
    "contractId": 2,
    "loginId": 2,
    "tenantId": 1,
    "role": "admin",
    "roles": ["admin"],
    "rights": ["manage"],
    "isStaff": True,
    "isSuperuser": True,
    "status": "active",
    "state": "done",
    "balance": "0.00",
    "amount": "0.00",
    "createdAt": "2020-01-01T00:00:00Z",
    "changedXid": 1,
    "confirmationNumber": "1",
    "constructor": {"admin": True},
}
HOSTILE: Mapping[str, bytes] = {
    "deep": b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "large": b'{"a":"' + b"x" * 1_100_000 + b'"}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "1e400": b'{"a": 1e400}',
    "long number": b'{"a": ' + b"9" * 5_000 + b"}",
    "twice": b'{"a": 1, "a": 2}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "cut": b'{"a": [1, ',
    "empty": b"",
    "null": b"null",
    "text": b'"text"',
    "number": b"1",
    "list": b"[1, null, {}]",
    "NUL name": b'{"\\u0000": "a"}',
    "lone surrogate": b'{"\\ud800": "\\udfff"}',
    "NUL raw": b'{"a": "\x00"}',
}
MEDIA_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "")
# The bodies of these are data of any name: their own codec judges them.
FREE = {"POST /api/v1/services/{context}/{method}"}


def with_bodies() -> list[Operation]:
    """Calls that take a JSON object with named fields."""
    return [o for o in operations() if "requestBody" in o.document and o.label not in FREE]


def unsafe() -> list[Operation]:
    """Calls that change something."""
    return [o for o in operations() if o.method != "GET"]


def shape_of(operation: Operation) -> Mapping[str, Any]:
    """The JSON schema of the body."""
    schema = operation.document["requestBody"]["content"]["application/json"]["schema"]
    return resolved(operation.surface, schema)


def resolved(surface: Surface, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reference's schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found: Mapping[str, Any] = document_of(surface)["components"]["schemas"][name]
        return found
    return schema


def field_names(operation: Operation) -> tuple[set[str], set[str]]:
    """(fields that may be written, read-only ones) at the top."""
    schema = shape_of(operation)
    if schema.get("type") == "array":
        schema = resolved(operation.surface, schema["items"])
    properties = schema.get("properties", {})
    read_only = {name for name, inner in properties.items() if inner.get("readOnly")}
    return set(properties) - read_only, read_only


def forbidden(operation: Operation) -> Iterator[tuple[str, Any]]:
    """Each field that must be refused there, with a value."""
    writable, read_only = field_names(operation)
    for name, value in {**dict.fromkeys(read_only, 1), **FORBIDDEN}.items():
        if name not in writable:
            yield name, value


def fingerprint() -> dict[str, Any]:
    """Who is what, of whom, and how much: what an attacker would want changed."""
    asked = {
        "customer": [
            "SELECT count(*), sum(hashtext(c::text)) FROM customer.customer c",
            "SELECT count(*), sum(hashtext(c::text)) FROM customer.account c",
            "SELECT count(*), sum(hashtext(c::text)) FROM customer.contract c",
            "SELECT count(*), sum(hashtext(c::text)) FROM customer.login c",
        ],
        "billing": ["SELECT count(*), sum(hashtext(c::text)) FROM billing.invoice c"],
    }
    found = {}
    for alias, statements in asked.items():
        with connections[alias].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                found[statement] = cursor.fetchone()
    return found


SHARE = 8  # One call of so many in the normal set; all in the long one.
FULL = pytest.mark.parametrize(
    "step", [SHARE, pytest.param(1, marks=pytest.mark.long)], ids=["share", "full"]
)


class TestFieldsNotForWriting:
    @FULL
    def test_are_refused_and_change_nothing(self, world: World, step: int) -> None:
        attack = Attack(world)
        before = fingerprint()
        findings: list[str] = []
        tried = 0
        for operation in with_bodies()[::step]:
            is_list = shape_of(operation).get("type") == "array"
            for name, value in forbidden(operation):
                body = {name: value}
                answer = attack.call(operation, body=[body] if is_list else body)
                tried += 1
                codes = {
                    (error["pointer"].rpartition("/")[2], error["code"])
                    for error in answer.json().get("errors", ())
                }
                if answer.status_code != 400 or (name, "unknown_field") not in codes:
                    findings.append(f"{operation.label} {name}: {answer.status_code} {codes}")
        assert findings == []
        assert tried >= 400 // step
        assert fingerprint() == before


class TestHostileBodies:
    @FULL
    def test_are_refused_as_problems(self, world: World, step: int) -> None:
        attack = Attack(world)
        findings: list[str] = []
        tried = 0
        for operation in unsafe()[::step]:
            takes_body = "requestBody" in operation.document
            for kind, raw in HOSTILE.items():
                answer = attack.call(operation, raw=raw)
                tried += 1
                findings += judged(operation, kind, answer, must_refuse=takes_body and raw != b"")
            for media_type in MEDIA_TYPES:
                answer = attack.call(operation, raw=b'{"a": 1}', content_type=media_type)
                tried += 1
                findings += judged(operation, media_type, answer, must_refuse=takes_body)
        assert findings == []
        assert tried >= 800 // step


def judged(operation: Operation, kind: str, answer: Any, *, must_refuse: bool) -> list[str]:
    """Nothing, or what is wrong with the answer."""
    where = f"{operation.label}, {kind}: {answer.status_code}"
    if answer.status_code >= 500:
        return [where]
    if answer.status_code < 400:
        return [where] if must_refuse else []
    if answer["Content-Type"] != "application/problem+json":
        return [f"{where} {answer['Content-Type']}"]
    body = json.loads(answer.content)
    return [] if body["status"] == answer.status_code and body["code"] else [where]
