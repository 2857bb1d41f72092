from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.checking import find_faults, reachable_states
from ossrep.market.domain.processes.diagrams import draw, write_document
from ossrep.market.domain.processes.engine import (
    Decision,
    Process,
    Transition,
    command,
    decide,
    late,
    message,
    rows,
    send,
)
from ossrep.market.domain.processes.enrollments import SWITCH

ROOT = Path(__file__).resolve().parents[4]

DOOR = Process(
    kind="door",
    title="Door",
    source="none",
    first="shut",
    states={"shut": "nobody passes", "open": "all pass", "gone": "no door"},
    final=frozenset({"gone"}),
    transitions=(
        *rows("shut", on=command("open"), when={"key"}, to="open", effects=(send("light"),)),
        *rows("open", on=message("wind"), unless={"stopper"}, to="shut"),
        *rows("open", on=late("closing"), to="gone"),
    ),
    waits={"shut": frozenset({message("guest", "arrives")})},
    notes={"shut": frozenset({message("wind")})},
)


class TestDecide:
    def test_takes_the_row_whose_guard_holds(self) -> None:
        decision = decide(DOOR, state="shut", trigger="command open", facts={"key", "hands"})

        assert decision == Decision(verdict="moved", state="open", effects=(send("light"),))

    def test_is_unexpected_where_the_guard_does_not_hold(self) -> None:
        assert decide(DOOR, state="shut", trigger="command open").verdict == "unexpected"

    def test_is_held_back_by_a_fact_that_must_not_be(self) -> None:
        decision = decide(DOOR, state="open", trigger="wind", facts={"stopper"})

        assert decision == Decision(verdict="unexpected", state="open")

    def test_lets_a_message_wait(self) -> None:
        decision = decide(DOOR, state="shut", trigger="guest arrives")

        assert decision == Decision(verdict="waits", state="shut")

    def test_notes_a_message_that_no_longer_matters(self) -> None:
        assert decide(DOOR, state="shut", trigger="wind") == Decision(verdict="noted", state="shut")

    def test_refuses_a_state_that_the_process_does_not_have(self) -> None:
        with pytest.raises(KeyError, match="ajar"):
            decide(DOOR, state="ajar", trigger="wind")


class TestFindFaults:
    def test_finds_none_in_a_sound_table(self) -> None:
        assert find_faults(DOOR) == []

    def test_bites_on_each_fault(self) -> None:
        broken = dataclasses.replace(
            DOOR,
            states={**DOOR.states, "ajar": "neither", "stuck": "for good"},
            transitions=(
                *DOOR.transitions,
                Transition(state="gone", on="wind", to="shut"),
                Transition(state="open", on="wind", to="flown", unless=frozenset({"stopper"})),
                Transition(state="open", on="rust", to="stuck"),
                Transition(state="shut", on="wind", to="shut"),
            ),
            notes={"shut": frozenset({"wind", "guest arrives"})},
        )

        assert find_faults(broken) == [
            "door: state flown is used and not described",
            "door: no row leads to state ajar",
            "door: nothing leads out of state ajar, which is not final",
            "door: nothing leads out of state stuck, which is not final",
            "door: wind leads out of the final state gone",
            "door: open, wind: an earlier row hides this one",
            "door: guest arrives both waits and is noted in state shut",
            "door: wind in state shut always moves, yet is listed again",
        ]


@pytest.mark.parametrize("kind", PROCESSES)
class TestProcessTables:
    def test_are_sound(self, kind: str) -> None:
        process = PROCESSES[kind]

        assert find_faults(process) == []
        assert reachable_states(process) == set(process.states)
        assert process.kind == kind

    def test_expect_only_what_has_a_row_for_being_late(self, kind: str) -> None:
        process = PROCESSES[kind]

        expected = {
            (row.to, effect.what)
            for row in process.transitions
            for effect in row.effects
            if effect.verb == "expect"
        }
        assert [
            (state, what)
            for state, what in sorted(expected)
            if not process.allows(state=state, trigger=late(what))
        ] == []


class TestDiagrams:
    def test_draw_each_move_once(self) -> None:
        assert draw(DOOR) == (
            "stateDiagram-v2\n"
            "    [*] --> shut\n"
            "    shut --> open: open [key]\n"
            "    open --> shut: wind [not stopper]\n"
            "    open --> gone: late closing\n"
            "    gone --> [*]"
        )

    def test_in_the_documents_are_those_of_the_tables(self) -> None:
        document = ROOT / "docs" / "market" / "processes.md"

        assert document.read_text() == write_document(PROCESSES.values()), (
            "run: manage.py market diagrams --write"
        )

    def test_change_with_the_tables(self) -> None:
        changed = dataclasses.replace(SWITCH, transitions=SWITCH.transitions[:-1])

        assert write_document([changed]) != write_document([SWITCH])
