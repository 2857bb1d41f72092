"""Filters and sort keys that no list offers: refused, so that no order or count tells a secret."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.share import FULL
from tests.attacks.world import World

pytestmark = pytest.mark.xdist_group("attacks")

# Ways through relations and lookups to what a list does not show.
SORTS = (
    *("password", "secretHash", "-secret_hash", "login__subject", "customer__taxId", "?", "??"),
    *("account__customer__email", "-account__customer__lastName", "pk", "-pk", "id,number", ""),
    *("id;number", "id--", "1", "random()", "CASE WHEN 1=1 THEN id END", "\N{GRINNING FACE}"),
)
FILTERS = (
    *("id__gt", "idGt", "pk", "id__in", "number__startswith", "number__regex", "numberRegex"),
    *("account__customer__lastName", "account__customer__email__startswith", "customer__login"),
    *("login__secret_hash", "_id", "ID", "Id", "account_id", "esi_id", "is_lifted", "__class__"),
    *("or", "q", "filter", "where", "fields", "expand", "order", "limit", "offset", "id[]"),
)
VALUES = ("' OR '1'='1", "1 OR 1=1", "1; DROP TABLE invoice", "1)) OR ((1=1", "{{7*7}}", "$ne", "%")


def lists() -> list[Operation]:
    """Those with sort keys of their own."""
    return [o for o in operations() if o.method == "GET" and "sort" in o.parameters]


def refusals(world: World, queries: Sequence[tuple[Operation, str, str]], code: str) -> list[str]:
    """What was not refused with the code."""
    attack = Attack(world)
    findings = []
    for operation, name, value in queries:
        answer = attack.call(operation, query={name: value})
        codes = [error["code"] for error in answer.json().get("errors", ())]
        if (answer.status_code, codes) != (400, [code]):
            findings.append(f"{operation.label} {name}={value!r}: {answer.status_code} {codes}")
    return findings


class TestSortKeys:
    @FULL
    def test_that_are_not_offered_are_refused(self, world: World, step: int) -> None:
        queries = [(o, "sort", key) for o, key in itertools.product(lists(), SORTS)]

        assert refusals(world, queries[::step], "unknown_value") == []
        assert len(queries) >= 250


class TestFilters:
    @FULL
    def test_that_are_not_offered_are_refused(self, world: World, step: int) -> None:
        queries = [(o, name, "1") for o, name in itertools.product(lists(), FILTERS)]

        assert refusals(world, queries[::step], "unknown_filter") == []
        assert len(queries) >= 350

    @FULL
    def test_find_nothing_by_values_that_are_code(self, world: World, step: int) -> None:
        attack = Attack(world)
        queries = [
            (operation, name, value)
            for operation in lists()
            for name in sorted(operation.parameters.keys() - {"cursor", "size", "sort"})
            for value in VALUES
        ]
        findings = []
        for operation, name, value in queries[::step]:
            answer = attack.call(operation, query={name: value})
            found = answer.json().get("items", [])
            if answer.status_code not in (200, 400) or found:
                findings.append(f"{operation.label} {name}={value!r}: {found}")
        assert findings == []
        assert len(queries) >= 400
