"""Draws processes from their tables: ``docs/market/processes.md`` is written by this alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ossrep.market.domain.processes.engine import Process, Transition, is_message

HEAD = """# The market's processes

Written by `manage.py market diagrams --write` from the tables in
`ossrep/market/domain/processes/`; not to be edited by hand. An arrow says what happens
(a message, a command of ours, or an answer that is late), in brackets what must be true;
the tables below the drawing say what is done, which messages wait until their turn,
and which come too late to matter. Any other message is kept and becomes a work item.
"""


def draw(process: Process) -> str:
    """A mermaid state diagram; rows that stay in their state are left to the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {process.first}"]
    lines += [f"    {arrow}" for arrow in _arrows(process)]
    lines += [f"    {name} --> [*]" for name in process.states if name in process.final]
    return "\n".join(lines)


def describe(process: Process) -> str:
    """The section of one process: states, drawing, table."""
    states = [f"| `{name}` | {text} |" for name, text in process.states.items()]
    rows = [_row(transition) for transition in process.transitions]
    parts = [
        f"## {process.title}\n",
        f"Kind `{process.kind}`. Source: {process.source}.\n",
        f"```mermaid\n{draw(process)}\n```\n",
        "\n".join(["| State | Meaning |", "|---|---|", *states]) + "\n",
        "\n".join(["| In | On | If | To | Done |", "|---|---|---|---|---|", *rows]) + "\n",
        *_listed("Wait", process, process.waits),
        *_listed("Noted without effect", process, process.notes),
    ]
    return "\n".join(parts)


def write_document(processes: Iterable[Process]) -> str:
    """The whole document, in the order given; ends with one newline."""
    return "\n".join([HEAD, *(describe(process) for process in processes)]).rstrip() + "\n"


def _arrows(process: Process) -> Iterator[str]:
    """One arrow for each pair of states, all its triggers on it."""
    labels: dict[tuple[str, str], list[str]] = {}
    for row in process.transitions:
        if row.to != row.state:
            labels.setdefault((row.state, row.to), []).append(_label(row))
    for (state, to), words in labels.items():
        yield f"{state} --> {to}: {', '.join(dict.fromkeys(words))}"


def _label(row: Transition) -> str:
    told = row.on if is_message(row.on) else row.on.removeprefix("command ")
    return f"{told} [{row.guard}]" if row.guard else told


def _row(row: Transition) -> str:
    done = "; ".join(str(effect) for effect in row.effects)
    return f"| `{row.state}` | {row.on} | {row.guard} | `{row.to}` | {done} |"


def _listed(title: str, process: Process, by_state: object) -> Iterator[str]:
    assert isinstance(by_state, dict)
    told = [
        f"- in `{state}`: {', '.join(sorted(by_state[state]))}"
        for state in process.states
        if by_state.get(state)
    ]
    if told:
        yield f"{title}:\n"
        yield "\n".join(told) + "\n"
