"""Every call of both documents, with ids that are there and a token that may."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import resolve

from ossrep.infra.auth.matrix import PUBLIC, allowed
from ossrep.infra.web.documents import document_of
from ossrep.infra.web.surfaces import Surface
from tests.attacks.world import World

_PLACE = re.compile(r"\{(\w+)\}")
# Roles in the order of trial, with the caller of the world that has them.
_CALLERS = ("attacker", "admin", "csr", "billing", "market", "product", "service")
_LISTS = {
    "plan_version_id": "/api/v1/product/plan-versions",
    "service_point_id": "/api/v1/service-points",
    "tdsp_id": "/api/v1/tdsps",
    "iso_id": "/api/v1/isos",
}
_OTHERS = {
    "context": "customer",
    "method": "get_billing_accounts",
    "kind": "efl",
    "claim_id": "1",
    "invitation_id": "1",
}
SURFACES: tuple[Surface, ...] = ("external", "internal")
_keys = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call; ``label`` as schemathesis names it."""

    surface: Surface
    method: str
    path: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Those of the query, by name."""
        return {p["name"]: p for p in self.document.get("parameters", ()) if p["in"] == "query"}

    @property
    def places(self) -> list[str]:
        """What the address needs."""
        return _PLACE.findall(self.path)


def operations() -> list[Operation]:
    """Those of both surfaces, in the order of their documents."""
    return [
        Operation(surface, method.upper(), path, document)
        for surface in SURFACES
        for path, methods in document_of(surface)["paths"].items()
        for method, document in methods.items()
    ]


class Attack:
    """Calls as somebody who may, with ids of this world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = Client(raise_request_exception=False)
        begun = self.client.post(
            "/api/v1/enrollments", headers={"Idempotency-Key": f"attack-begin-{next(_keys)}"}
        ).json()
        self.enrollment_key = begun["key"]
        self.values = {**_OTHERS, **world.own.ids, "reference": begun["enrollmentId"]}
        self.values |= {name: self._first_of(path) for name, path in _LISTS.items()}
        self._records: dict[str, str] = {}

    def headers(self, caller: str) -> dict[str, str]:
        """All that an unsafe call needs, with a new key."""
        found = {
            "Idempotency-Key": f"attack-{next(_keys):08d}",
            "If-Match": "*",
            "Enrollment-Key": self.enrollment_key,
        }
        if caller != "nobody":
            found["Authorization"] = f"Bearer {self.world.tokens[caller]}"
        return found

    def caller_of(self, operation: Operation) -> str:
        """A caller of the world that may."""
        name = resolve(self.address(operation)).url_name or ""
        roles = allowed(route=name, method=operation.method)
        if PUBLIC in roles:
            return "nobody"
        names = {"attacker": "customer"}
        return next(caller for caller in _CALLERS if names.get(caller, caller) in roles)

    def call(
        self,
        operation: Operation,
        *,
        caller: str = "",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """The answer; ``raw`` is sent as it is in place of a body."""
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            operation.method,
            self.address(operation),
            sent,
            content_type=content_type,
            headers=self.headers(caller or self.caller_of(operation)),
            query_params={**self._needed(operation), **(query or {})},
        )

    def _needed(self, operation: Operation) -> dict[str, str]:
        """Filters without which a list is refused."""
        esi_id = {"esiId": self.values["esi_id"]}
        return esi_id if operation.path == "/api/v1/meter/usage" else {}

    def address(self, operation: Operation) -> str:
        """The path with ids of this world."""
        return _PLACE.sub(lambda found: self.value(operation, found[1]), operation.path)

    def value(self, operation: Operation, name: str) -> str:
        """What stands in the path for a name."""
        if name != "record_id":
            return str(self.values[name])
        prefix = operation.path.partition("/{record_id}")[0]
        if prefix not in self._records:
            self._records[prefix] = self._first_of(prefix)
        return self._records[prefix]

    def _first_of(self, path: str) -> str:
        listed = self.client.get(path, headers=self.headers("admin")).json()
        rows = listed if isinstance(listed, list) else listed.get("items", listed.get("content"))
        names = ("id", "runId", "planVersionId", "workItemId")
        return next((str(row[name]) for row in rows or () for name in names if name in row), "1")
