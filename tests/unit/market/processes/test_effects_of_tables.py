"""Everything that a table asks for is done by somebody, in words that somebody wrote."""

from __future__ import annotations

import pytest

from ossrep.market.domain.deadlines import find_chase
from ossrep.market.domain.order_rules import find_work_item_words, get_expected_answer
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.timing import get_hops
from ossrep.market.usecases.orders.effects import find_call, find_publisher, find_sender

EFFECTS = sorted(
    {
        (kind, effect.verb, effect.what)
        for kind, process in PROCESSES.items()
        for row in process.transitions
        for effect in row.effects
    }
)


class TestEffects:
    @pytest.mark.parametrize(("kind", "verb", "what"), EFFECTS)
    def test_have_somebody_who_does_them(self, kind: str, verb: str, what: str) -> None:
        match verb:
            case "send":
                assert callable(find_sender(kind=what))
            case "publish":
                assert callable(find_publisher(name=what))
            case "call":
                assert callable(find_call(name=what))
            case "work_item" if what != "answer-late":
                assert find_work_item_words(kind=what).text
            case "expect":
                way = get_expected_answer(process=kind, answer=what, is_priority=False)
                assert get_hops(keys=way.hops)
                assert find_chase(expects=what).title
            case _:
                assert what
