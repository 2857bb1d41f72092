from __future__ import annotations

from fractions import Fraction

import pytest

from ossrep.market.domain.clocks import Clock, Unit
from ossrep.market.domain.order_rules import (
    UnknownAnswer,
    find_code_facts,
    get_expected_answer,
    get_waiting_limit,
    load_order_rules,
)
from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.timing import get_hops

OWN = (
    "switch",
    "move_in",
    "cancel",
    "date_change",
    "move_out",
    "loss",
    "csa",
    "csa_change",
    "csa_delete",
    "csa_return",
)


class TestFindCodeFacts:
    def test_knows_the_answer_that_must_not_close(self) -> None:
        assert find_code_facts(codes=["DUP"]) == {"duplicate"}

    def test_says_nothing_where_a_further_reason_is_given(self) -> None:
        assert find_code_facts(codes=["DUP", "A76"]) == frozenset()

    def test_says_nothing_without_codes(self) -> None:
        assert find_code_facts(codes=[]) == frozenset()

    def test_names_only_facts_that_some_table_asks_for_or_a_use_case_knows(self) -> None:
        asked = {
            name
            for process in PROCESSES.values()
            for row in process.transitions
            for name in row.when | row.unless
        }
        assert set(load_order_rules()["facts"]) - asked == {"duplicate cancel"}


class TestGetExpectedAnswer:
    @pytest.mark.parametrize("kind", OWN)
    def test_knows_every_answer_that_a_table_expects(self, kind: str) -> None:
        expected = {
            effect.what
            for row in PROCESSES[kind].transitions
            for effect in row.effects
            if effect.verb == "expect"
        }
        for answer in sorted(expected):
            way = get_expected_answer(process=kind, answer=answer, is_priority=False)
            assert len(get_hops(keys=way.hops)) == len(way.hops)

    def test_takes_the_way_of_a_priority_where_there_is_one(self) -> None:
        standard = get_expected_answer(process="move_out", answer="814_25", is_priority=False)
        priority = get_expected_answer(process="move_out", answer="814_25", is_priority=True)

        later = ("814_25.answer", "814_25.forwarded")
        assert standard.hops == ("814_24.standard_forwarded", *later)
        assert priority.hops == ("814_24.same_day_forwarded", *later)

    def test_refuses_an_answer_without_a_way(self) -> None:
        with pytest.raises(UnknownAnswer, match="has no limits for 997 of a switch"):
            get_expected_answer(process="switch", answer="997", is_priority=False)


class TestGetWaitingLimit:
    def test_is_the_default_for_a_kind_without_its_own(self) -> None:
        limit = get_waiting_limit(kind="867_04").limit

        assert (limit.clock, limit.value, limit.unit) == (Clock.RBD24, Fraction(48), Unit.HOURS)
