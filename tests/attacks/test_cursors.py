"""Forged cursors at every list and feed: refused as such, never a crash, never a row."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Sequence

import pytest

from tests.attacks.operations import Attack, Operation, operations
from tests.attacks.world import World

pytestmark = pytest.mark.xdist_group("attacks")

JUNK = ("-1", "0", "null", "[]", "' OR 1=1 --", "\N{GRINNING FACE}", "../..", "NaN")
FORGED = {False: 160, True: 1_000}


def lists() -> list[Operation]:
    """All calls with a cursor."""
    return [operation for operation in operations() if "cursor" in operation.parameters]


def true_cursors(attack: Attack) -> dict[str, str]:
    """A cursor of each list that has one after a row; of feeds always."""
    found: dict[str, str] = {}
    for operation in lists():
        answer = attack.call(operation, query={"size": 1})
        assert answer.status_code == 200, operation.label
        if cursor := answer.json().get("nextCursor"):
            found[operation.label] = cursor
    return found


def forged(good: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Without an end: flipped, cut, joined, other payloads, junk, huge."""
    while True:
        text = chance.choice(good)
        place = chance.randrange(len(text))
        payload, _, rest = text.partition(":")
        yield text[:place] + chance.choice("AZaz09_-=%é") + text[place + 1 :] + "x"
        yield text[:place]
        yield text + text
        yield rest
        yield f"{base64.urlsafe_b64encode(chance.randbytes(12)).decode()}:{rest}"
        yield f"{payload}:{chance.getrandbits(40):x}:{'A' * 43}"
        yield base64.b64encode(chance.randbytes(30)).decode()
        yield "A" * chance.choice((1, 999, 1_001, 50_000))
        yield chance.choice(JUNK)


class TestForgedCursors:
    @pytest.mark.parametrize(
        "is_full", [False, pytest.param(True, marks=pytest.mark.long)], ids=["share", "full"]
    )
    def test_are_refused(self, world: World, is_full: bool) -> None:
        attack, chance = Attack(world), random.Random(7)
        good = true_cursors(attack)
        known = set(good.values())
        kinds = forged(sorted(known), chance)
        findings: list[str] = []
        tried = 0
        while tried < FORGED[is_full]:
            for operation in lists():
                text = next(t for t in kinds if t and t not in known)
                answer = attack.call(operation, query={"cursor": text, "size": 1})
                tried += 1
                errors = answer.json().get("errors", [{}])
                if (answer.status_code, errors[0].get("code")) != (400, "invalid_cursor"):
                    findings.append(f"{operation.label} {text[:80]!r}: {answer.status_code}")
        assert findings == []
        assert len(good) >= 10

    def test_are_refused_at_another_list(self, world: World) -> None:
        attack = Attack(world)
        good = true_cursors(attack)
        chance = random.Random(8)
        tried = 0
        for operation in lists():
            others = [c for label, c in good.items() if label != operation.label]
            for cursor in chance.sample(others, 3):
                answer = attack.call(operation, query={"cursor": cursor, "size": 1})
                assert answer.status_code == 400, operation.label
                tried += 1
        assert tried == 3 * len(lists())

    def test_are_refused_of_another_customer(self, world: World) -> None:
        attack = Attack(world)
        tried = 0
        for operation in lists():
            if attack.caller_of(operation) != "attacker":
                continue
            cursor = attack.call(operation, query={"size": 1}).json().get("nextCursor")
            if cursor is None:
                continue
            query = {"cursor": cursor, "size": 1}
            assert attack.call(operation, query=query).status_code == 200, operation.label
            stolen = attack.call(operation, query=query, caller="stranger")
            assert stolen.status_code in (400, 403, 404), operation.label
            tried += 1
        assert tried >= 1
