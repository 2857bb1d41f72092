"""Every endpoint x method x caller, with another customer's ids: no leak, no crash.

A route parameter that has no value here fails the test: whoever adds one says what stands there.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from config import urls_external, urls_internal
from ossrep.infra.auth.matrix import METHODS, PUBLIC, allowed
from ossrep.infra.web.views import ApiView
from tests.architecture.test_role_matrix import routes, view_class
from tests.attacks.world import World
from tests.token_issuer import TokenIssuer

pytestmark = pytest.mark.xdist_group("attacks")

# Who tries in the normal set; all of them in the long one.
SHARE = ("nobody", "attacker", "market")
CALLS_MIN = {False: 1_000, True: 4_500}
_PARAMETER = re.compile(r"\(\?P<(?P<named>\w+)>[^)]*\)|<(?:\w+:)?(?P<typed>\w+)>")
_keys = itertools.count(1)

# What stands in addresses where no customer's id does.
PLACES = {
    "iso_id": "1",
    "tdsp_id": "1",
    "reference": "a" * 24,
    "plan_version_id": "1",
    "kind": "efl",
    "context": "customer",
    "method": "get_billing_accounts",
    "service_point_id": "1000000000000000000",
    "channel": "nobody",
    "invitation_id": "1",
    "claim_id": "1",
    "record_id": "1",
}

# Roles of each caller, as the tokens of the world have them.
ROLES = {
    "nobody": frozenset[str](),
    "expired": frozenset[str](),
    "attacker": frozenset({"customer"}),
    "stranger": frozenset({"customer"}),
    "unknown role": frozenset[str](),
    **{r: frozenset({r}) for r in ("csr", "billing", "market", "product", "admin", "service")},
    "service-point user": frozenset({"service-point:user"}),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route of the API with another customer's ids in its address."""

    name: str
    address: str
    is_of_object: bool


def endpoints(world: World) -> Iterator[Endpoint]:
    """Those of both surfaces."""
    values = {**PLACES, **world.victim.ids}
    for where, pattern in routes([*urls_external.urlpatterns, *urls_internal.urlpatterns]):
        if is_api(pattern):
            names = [found["named"] or found["typed"] for found in _PARAMETER.finditer(where)]
            missing = [name for name in names if name not in values]
            assert missing == [], f"{where}: what stands for {missing}? Say it in PLACES"
            address = _PARAMETER.sub(lambda f: values[f["named"] or f["typed"]], where).strip("^$")
            yield Endpoint(
                pattern.name or "", f"/{address}", any(n in world.victim.ids for n in names)
            )


def is_api(pattern: URLPattern) -> bool:
    """True for views of ours; the provider's pages have tests of their own."""
    cls = view_class(pattern)
    return isinstance(cls, type) and issubclass(cls, ApiView)


def call(client: Client, world: World, caller: str, method: str, address: str, body: Any) -> Any:
    """The answer to a caller; unsafe calls with a new key."""
    headers = {"Idempotency-Key": f"attack-{next(_keys):08d}", "If-Match": "*"}
    if caller == "expired":
        headers["Authorization"] = f"Bearer {world.tokens['attacker'][:-8]}AAAAAAAA"
    elif caller != "nobody":
        headers["Authorization"] = f"Bearer {world.tokens[caller]}"
    return client.generic(
        method, address, json.dumps(body), content_type="application/json", headers=headers
    )


def told(answer: Any) -> str:
    """All that an answer says, streamed or not."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)} {body.decode('utf-8', 'replace')}"


class TestEveryEndpoint:
    @pytest.mark.parametrize(
        "is_full", [False, pytest.param(True, marks=pytest.mark.long)], ids=["share", "full"]
    )
    def test_answers_each_caller_as_the_matrix_says(self, world: World, is_full: bool) -> None:
        client = Client(raise_request_exception=False)
        findings: list[str] = []
        calls = 0
        for endpoint in endpoints(world):
            for method, caller in itertools.product(METHODS, ROLES if is_full else SHARE):
                answer = call(client, world, caller, method, endpoint.address, {})
                calls += 1
                where = f"{method} {endpoint.address} as {caller}: {answer.status_code}"
                granted = allowed(route=endpoint.name, method=method)
                may = PUBLIC in granted or not ROLES[caller].isdisjoint(granted)
                if answer.status_code >= 500:
                    findings.append(where)
                elif not may and answer.status_code not in (401, 403):
                    findings.append(f"{where}, though it is for {sorted(granted)}")
        assert findings == []
        assert calls >= CALLS_MIN[is_full]

    def test_gives_no_customer_what_is_anothers(self, world: World) -> None:
        client = Client(raise_request_exception=False)
        findings: list[str] = []
        own = 0
        for endpoint in endpoints(world):
            for method in METHODS:
                if "customer" not in allowed(route=endpoint.name, method=method):
                    continue
                for caller in ("attacker", "stranger"):
                    answer = call(client, world, caller, method, endpoint.address, {})
                    said = told(answer)
                    own += answer.status_code < 300
                    leaked = [m for m in world.victim.markers if m in said]
                    if leaked or (endpoint.is_of_object and answer.status_code < 400):
                        findings.append(
                            f"{method} {endpoint.address}: {caller} {answer.status_code} {leaked}"
                        )
        assert findings == []
        assert own > 0

    def test_answers_absent_ids_as_foreign_ones(self, world: World) -> None:
        client = Client(raise_request_exception=False)
        compared = 0
        for endpoint in endpoints(world):
            if "customer" not in allowed(route=endpoint.name, method="GET"):
                continue
            if not endpoint.is_of_object:
                continue
            absent = endpoint.address
            for value in world.victim.ids.values():
                absent = absent.replace(f"/{value}", f"/{'9' * len(value)}")
            foreign = call(client, world, "attacker", "GET", endpoint.address, {})
            missing = call(client, world, "attacker", "GET", absent, {})
            assert (foreign.status_code, told(foreign)) == (404, told(missing)), endpoint.address
            compared += 1
        assert compared > 0


class TestTheWorld:
    def test_gives_the_victim_what_is_the_victims(
        self, world: World, token_issuer: TokenIssuer
    ) -> None:
        """Else the tests above would look for what nobody sees."""
        token = token_issuer.token(sub="victim", jti="token victim", sid="session victim")
        client = Client(headers={"Authorization": f"Bearer {token}"})
        account_id = world.victim.ids["account_id"]
        said = "".join(
            told(client.get(address))
            for address in (
                "/api/accounts",
                "/api/contracts",
                "/api/v1/me/premises",
                f"/api/v1/me/accounts/{account_id}/invoices",
            )
        )
        assert [marker for marker in world.victim.markers if marker not in said] == []
