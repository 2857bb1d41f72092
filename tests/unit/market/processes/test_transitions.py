"""Every row of the processes that gain and lose service points, said again by hand.

``state | what happens [, fact] > state``; in a table nobody may change a row without its line here.
"""

from __future__ import annotations

import pytest

from ossrep.market.domain.processes import PROCESSES
from ossrep.market.domain.processes.engine import decide

ROWS = {
    "switch": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_02, new number > rejected
        sent | 814_02 > rejected
        sent | 814_05 accept > scheduled
        sent | 814_05 reject > rejected
        sent | late 814_05 > sent
        sent | 814_08 > cancelled
        sent | 814_09 accept > cancelled
        sent | 814_28 unexecutable > unexecutable
        scheduled | 814_05 accept > scheduled
        scheduled | late 867_04 > scheduled
        scheduled | 867_04 > completed
        scheduled | 814_08 > cancelled
        scheduled | 814_09 accept > cancelled
        scheduled | 814_28 unexecutable > unexecutable
        completed | 867_04, other date > completed
        completed | 814_05 accept > completed
    """,
    "move_in": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_17, new number > rejected
        sent | 814_17 > rejected
        sent | 814_28 permit > permit_pending
        sent | 814_05 accept > scheduled
        sent | 814_05 reject > rejected
        sent | late 814_05 > sent
        sent | 814_08 > cancelled
        sent | 814_09 accept > cancelled
        sent | 814_28 unexecutable > unexecutable
        sent | 814_13 accept > sent
        permit_pending | 814_05 accept > scheduled
        permit_pending | 814_05 reject > rejected
        permit_pending | late permit > permit_pending
        permit_pending | 814_08 > cancelled
        permit_pending | 814_09 accept > cancelled
        permit_pending | 814_28 unexecutable > unexecutable
        permit_pending | 814_13 accept > permit_pending
        scheduled | 814_05 accept > scheduled
        scheduled | late 867_04 > scheduled
        scheduled | 867_04 > completed
        scheduled | 814_08 > cancelled
        scheduled | 814_09 accept > cancelled
        scheduled | 814_28 unexecutable > unexecutable
        scheduled | 814_13 accept > scheduled
        completed | 867_04, other date > completed
        completed | 814_05 accept > completed
    """,
    "move_out": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_25 accept > scheduled
        sent | 814_25 reject, new number > rejected
        sent | 814_25 reject > rejected
        sent | late 814_25 > sent
        sent | 814_08 > cancelled
        sent | 814_09 accept > cancelled
        sent | 814_28 unexecutable, force off > force_off
        sent | 814_28 unexecutable > unexecutable
        sent | 814_13 accept > sent
        scheduled | 814_25 accept > scheduled
        scheduled | late 867_03 final > scheduled
        scheduled | 867_03 final > completed
        scheduled | 814_08 > cancelled
        scheduled | 814_09 accept > cancelled
        scheduled | 814_28 unexecutable, force off > force_off
        scheduled | 814_28 unexecutable > unexecutable
        scheduled | 814_13 accept > scheduled
        force_off | late 867_03 final > force_off
        force_off | 867_03 final > completed
        completed | 814_28 unexecutable, force off > completed
        completed | 867_03 final, other date > completed
    """,
    "loss": """
        new | 814_06 > losing
        losing | 814_12, highest counter > losing
        losing | 814_08 > kept
        losing | 867_03 final > lost
        losing | late 867_03 final > losing
        lost | 867_03 final, other date > lost
    """,
    "cancel": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_09 accept > accepted
        sent | 814_09 reject > rejected
        sent | late 814_09 > sent
        sent | command target closed > overtaken
        overtaken | 814_09 accept > overtaken
    """,
    "date_change": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_13 accept, highest counter > accepted
        sent | 814_13 accept > accepted
        sent | 814_13 reject > rejected
        sent | late 814_13 > sent
        sent | command target closed > overtaken
    """,
    "csa": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_19 accept > agreed
        sent | 814_19 reject > rejected
        sent | late 814_19 > sent
        sent | 814_08 > cancelled
        agreed | csa ended > ended
        agreed | csa changed > agreed
        agreed | 814_18 > ended
    """,
    "csa_change": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_19 accept > accepted
        sent | 814_19 reject > rejected
        sent | late 814_19 > sent
        sent | 814_08 > cancelled
        sent | command target closed > overtaken
    """,
    "csa_delete": """
        new | command start > sent
        sent | command resend > sent
        sent | 814_19 accept > accepted
        sent | 814_19 reject > rejected
        sent | late 814_19 > sent
        sent | 814_08 > cancelled
        sent | command target closed > overtaken
    """,
    "csa_return": """
        new | 814_22 > returning
        returning | 814_12, highest counter > returning
        returning | 814_08 > cancelled
        returning | 814_28 unexecutable > unexecutable
        returning | 867_04 > returned
        returning | late 867_04 > returning
        returned | 867_04, other date > returned
    """,
}

Line = tuple[str, str, frozenset[str], str]


def lines_of(kind: str) -> list[Line]:
    lines = []
    for text in ROWS[kind].strip().splitlines():
        state, rest = (part.strip() for part in text.split("|"))
        happens, to = (part.strip() for part in rest.split(">"))
        trigger, *facts = (part.strip() for part in happens.split(","))
        lines.append((state, trigger, frozenset(facts), to))
    return lines


CASES = [(kind, *line) for kind in ROWS for line in lines_of(kind)]


class TestTransitions:
    @pytest.mark.parametrize(("kind", "state", "trigger", "facts", "to"), CASES)
    def test_lead_where_the_line_says(
        self, kind: str, state: str, trigger: str, facts: frozenset[str], to: str
    ) -> None:
        decision = decide(PROCESSES[kind], state=state, trigger=trigger, facts=facts)

        assert (decision.verdict, decision.state) == ("moved", to)

    @pytest.mark.parametrize("kind", ROWS)
    def test_have_a_line_each(self, kind: str) -> None:
        written = {(state, trigger, to) for state, trigger, _, to in lines_of(kind)}
        in_table = {(row.state, row.on, row.to) for row in PROCESSES[kind].transitions}

        assert written == in_table
        assert len(lines_of(kind)) == len(PROCESSES[kind].transitions)


class TestADuplicate:
    @pytest.mark.parametrize(
        ("kind", "trigger"),
        [
            ("switch", "814_02"),
            ("move_in", "814_17"),
            ("move_out", "814_25 reject"),
            ("cancel", "814_09 reject"),
            ("date_change", "814_13 reject"),
            ("csa", "814_19 reject"),
        ],
    )
    def test_never_closes_an_order(self, kind: str, trigger: str) -> None:
        decision = decide(PROCESSES[kind], state="sent", trigger=trigger, facts={"duplicate"})

        assert (decision.verdict, decision.state) == ("noted", "sent")


class TestAFirstRead:
    @pytest.mark.parametrize(
        ("kind", "state", "trigger"),
        [
            ("switch", "sent", "867_04"),
            ("move_in", "sent", "867_04"),
            ("move_in", "permit_pending", "867_04"),
            ("move_out", "sent", "867_03 final"),
            ("loss", "new", "867_03 final"),
            ("csa_return", "new", "867_04"),
        ],
    )
    def test_waits_for_what_it_follows(self, kind: str, state: str, trigger: str) -> None:
        assert decide(PROCESSES[kind], state=state, trigger=trigger).verdict == "waits"

    @pytest.mark.parametrize("state", ["rejected", "cancelled", "unexecutable"])
    @pytest.mark.parametrize("kind", ["switch", "move_in"])
    def test_on_a_closed_order_is_unexpected(self, kind: str, state: str) -> None:
        assert decide(PROCESSES[kind], state=state, trigger="867_04").verdict == "unexpected"
