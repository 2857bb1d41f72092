"""What can be wrong with the table of a process, found without running it."""

from __future__ import annotations

from collections.abc import Iterator

from ossrep.market.domain.processes.engine import Process


def find_faults(process: Process) -> list[str]:
    """Each fault in a sentence; an empty list for a sound table."""
    return [
        *_unknown_states(process),
        *_unreachable_states(process),
        *_dead_ends(process),
        *_left_finals(process),
        *_ambiguous_rows(process),
        *_double_listings(process),
    ]


def reachable_states(process: Process) -> frozenset[str]:
    """States that some row leads to, from the first one on."""
    reached, last = {process.first}, 0
    while len(reached) > last:
        last = len(reached)
        reached |= {t.to for t in process.transitions if t.state in reached}
    return frozenset(reached)


def _unknown_states(process: Process) -> Iterator[str]:
    named = {process.first, *process.final, *process.waits, *process.notes}
    named |= {name for t in process.transitions for name in (t.state, t.to)}
    for name in sorted(named - set(process.states)):
        yield f"{process.kind}: state {name} is used and not described"


def _unreachable_states(process: Process) -> Iterator[str]:
    for name in sorted(set(process.states) - reachable_states(process)):
        yield f"{process.kind}: no row leads to state {name}"


def _dead_ends(process: Process) -> Iterator[str]:
    leaving = {t.state for t in process.transitions if t.to != t.state}
    for name in sorted(set(process.states) - process.final - leaving):
        yield f"{process.kind}: nothing leads out of state {name}, which is not final"


def _left_finals(process: Process) -> Iterator[str]:
    for row in process.transitions:
        if row.state in process.final and row.to != row.state:
            yield f"{process.kind}: {row.on} leads out of the final state {row.state}"


def _ambiguous_rows(process: Process) -> Iterator[str]:
    """A later row that an earlier one of the same trigger always hides."""
    for at, row in enumerate(process.transitions):
        for earlier in process.transitions[:at]:
            same = (earlier.state, earlier.on) == (row.state, row.on)
            if same and earlier.when <= row.when and earlier.unless <= row.unless:
                yield f"{process.kind}: {row.state}, {row.on}: an earlier row hides this one"


def _double_listings(process: Process) -> Iterator[str]:
    for state in process.states:
        waits = process.waits.get(state, frozenset())
        notes = process.notes.get(state, frozenset())
        for trigger in sorted(waits & notes):
            yield f"{process.kind}: {trigger} both waits and is noted in state {state}"
        rows = {t.on for t in process.transitions if t.state == state and not t.guard}
        for trigger in sorted(rows & (waits | notes)):
            yield f"{process.kind}: {trigger} in state {state} always moves, yet is listed again"
