"""Bodies that no client sends: fields that are not for writing, and what is hardly JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connections

from tests.attacks.bodies import places_of
from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.share import FULL
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
# Its body is data of any name: its own codec judges it.
SERVICE_CALL = "POST /api/v1/services/{context}/{method}"


def with_bodies() -> list[Operation]:
    """Calls that take a JSON object with named fields."""
    return [o for o in operations() if "requestBody" in o.document and o.label != SERVICE_CALL]


def unsafe() -> list[Operation]:
    """Calls that change something."""
    return [o for o in operations() if o.method != "GET"]


def forbidden(operation: Operation) -> Iterator[tuple[str, str, Any]]:
    """(path of an object in the body, field that must be refused in it, value)."""
    for path, schema in places_of(operation):
        properties = schema["properties"]
        read_only = {name for name, inner in properties.items() if inner.get("readOnly")}
        for name, value in {**dict.fromkeys(read_only, 1), **FORBIDDEN}.items():
            if name in read_only or name not in properties:
                yield path, name, value


def planted(path: str, inner: Any) -> Any:
    """A body with ``inner`` at a path such as ``accounts[].mailingAddress.``."""
    for step in reversed(path.split(".")[:-1]):
        name = step.removesuffix("[]")
        value = [inner] if step.endswith("[]") else inner
        inner = {name: value} if name else value
    return inner


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


class TestFieldsNotForWriting:
    @FULL
    def test_are_refused_and_change_nothing(self, world: World, step: int) -> None:
        """At the top of each body and in every object within it."""
        attack = Attack(world)
        before = fingerprint()
        findings: list[str] = []
        tried = nested = 0
        for operation in with_bodies()[::step]:
            for path, name, value in forbidden(operation):
                answer = attack.call(operation, body=planted(path, {name: value}))
                tried += 1
                nested += bool(path.strip("[]."))
                codes = {
                    (error["pointer"].rpartition("/")[2], error["code"])
                    for error in answer.json().get("errors", ())
                }
                if answer.status_code != 400 or (name, "unknown_field") not in codes:
                    findings.append(f"{operation.label} {path}{name}: {answer.status_code} {codes}")
        assert findings == []
        assert tried >= 600 // step
        assert nested >= (120 if step == 1 else 0)
        assert fingerprint() == before

    def test_are_refused_in_records_and_arguments(self, world: World) -> None:
        """Where a body is data of any name, its own reader judges the names."""
        attack = Attack(world)
        known = {operation.label: operation for operation in operations()}
        before = fingerprint()
        records = [{"kind": "customer", "number": "C2000000", "is_superuser": "1"}]

        imported = attack.call(known["POST /api/v1/customer/imports"], body={"records": records})
        called = attack.call(known[SERVICE_CALL], body={"isAdmin": True})

        assert (imported.status_code, imported.json()["refused"]) == (200, 1)
        assert "is_superuser" in imported.json()["outcomes"][0]["detail"]
        assert (called.status_code, called.json()["code"]) == (400, "unknown_argument")
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
