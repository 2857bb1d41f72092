"""Cases made of both OpenAPI documents: no crash, and every answer as its document says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ossrep.infra.web.documents import document_of
from ossrep.infra.web.surfaces import Surface
from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.world import World

pytestmark = pytest.mark.xdist_group("attacks")

# A call without parameters has a handful of cases; the others make up for it.
CASES_EACH = 300
CASES_SHARE_EACH = 3
SHARE = 6  # One call of so many in the normal set; all in the long one.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_count: Counter[str] = Counter()


@lru_cache(maxsize=2)
def _schema(surface: Surface) -> Any:
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document_of(surface))))
    schema.app = WSGIHandler()
    return schema


@pytest.fixture
def attack(world: World) -> Iterator[Attack]:
    """With connections that outlive a request, as under the test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Attack(world)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def findings_of(attack: Attack, operation: Operation, *, cases: int) -> set[str]:
    """What answers breach, each kind once with its first example."""
    found: dict[str, str] = {}
    caller = attack.caller_of(operation)
    target = _schema(operation.surface)[operation.path][operation.method]
    modes = st.one_of(
        target.as_strategy(generation_mode=GenerationMode.POSITIVE),
        target.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @seed(20260101)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=modes, real=st.sampled_from((True, True, True, False)))
    def run(case: Any, real: bool) -> None:
        if real:
            # Made-up ids are of nothing; three of four cases reach something.
            case.path_parameters = {
                name: attack.value(operation, name) for name in operation.places
            }
        _count[operation.label] += 1
        answer = case.call(headers=attack.headers(caller))
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            reasons = getattr(failure, "exceptions", [failure])
            for reason in reasons:
                kind = f"{operation.label}: {answer.status_code} {type(reason).__name__}"
                found.setdefault(
                    kind, f"{reason} <- {case.formatted_path} {case.query} {case.body!r:.300}"
                )

    run()
    return {f"{kind}: {example}" for kind, example in found.items()}


class TestTheDocuments:
    def test_are_kept_by_every_call(self, attack: Attack) -> None:
        """A share of the cases below, which are over 20,000 in all."""
        found: set[str] = set()
        shared = operations()[::SHARE]
        for operation in shared:
            found |= findings_of(attack, operation, cases=CASES_SHARE_EACH)

        assert sorted(found) == []
        assert sum(_count.values()) >= 2 * len(shared)

    @pytest.mark.long
    @pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
    def test_are_kept_by_every_case(self, attack: Attack, operation: Operation) -> None:
        assert sorted(findings_of(attack, operation, cases=CASES_EACH)) == []
