"""What a process of the market is: one table of states and transitions, and how it decides.

A process is data (``Process``), checked by ``find_faults`` and drawn by ``diagrams``; nothing of
it stands in code. ``decide`` is a pure function of the table, the state of an order, what has
happened (a trigger) and what is true of it (facts)::

    SWITCH = Process(
        kind="switch",
        title="Switch",
        first="new",
        states={"new": "not yet sent", "sent": "ERCOT has to answer", "scheduled": "...", ...},
        final=frozenset({"completed", ...}),
        transitions=(
            Transition(
                state="new", on=command("start"), to="sent",
                effects=(send("814_01"), expect("814_05")),
            ),
            Transition(
                state="sent", on=message("814_02"), unless=frozenset({"duplicate"}), to="rejected",
                effects=(meet("814_05"), publish("enrollment-rejected")),
            ),
            Transition(
                state="sent", on=late("814_05"), to="sent", effects=(work_item("answer-late"),),
            ),
        ),
        waits={"sent": frozenset({message("867_04")})},
        notes={"completed": frozenset({message("814_05", "accept")})},
    )

**Triggers** are what can happen to an order: a ``message`` of the market (with a word where one
kind says different things: ``814_05 accept``), a ``command`` of ours, a ``late`` answer (its
deadline has passed). **Facts** are names that the caller found true; a transition holds where all
of ``when`` and none of ``unless`` are among them; the first that holds in table order is taken.
**Effects** are what is to be done, in order, in the same database transaction; use cases know how
(``usecases/orders/effects.py``), the table only says what.

A message without a transition either **waits** in that state (it came before what it follows; it
is parked, tried again after every transition, and expires to a work item), or is **noted** (too
late to matter: on record, no effect), or is **unexpected** (it contradicts what is known: kept,
and a work item at once). So that the order in which messages arrive does not decide how a process
ends, tables let early messages wait and take late ones down.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

Verb = Literal["send", "expect", "meet", "publish", "work_item", "take", "tell", "call"]

Verdict = Literal["moved", "noted", "waits", "unexpected"]

NO_MESSAGES: frozenset[str] = frozenset()


def message(kind: str, says: str = "") -> str:
    """The trigger of a message that arrives: ``814_05 accept``."""
    return f"{kind} {says}".strip()


def command(name: str) -> str:
    """The trigger of something that we decide: ``command cancel``."""
    return f"command {name}"


def late(kind: str) -> str:
    """The trigger of an answer whose deadline has passed: ``late 814_05``."""
    return f"late {kind}"


def is_message(trigger: str) -> bool:
    """True unless the trigger is a command or a deadline."""
    return not trigger.startswith(("command ", "late "))


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to be done: a verb of ``Verb`` and what it is about."""

    verb: Verb
    what: str

    def __str__(self) -> str:
        return f"{self.verb.replace('_', ' ')} {self.what}"


def send(kind: str) -> Effect:
    """Queue the transaction of that kind."""
    return Effect("send", kind)


def expect(kind: str) -> Effect:
    """Start the deadline of an answer."""
    return Effect("expect", kind)


def meet(kind: str) -> Effect:
    """End the deadline of an answer, if one runs."""
    return Effect("meet", kind)


def publish(event: str) -> Effect:
    """Tell other contexts: ``enrollment-accepted`` is ``market.enrollment-accepted.v1``."""
    return Effect("publish", event)


def work_item(kind: str) -> Effect:
    """Ask a person; ``kind`` names what for."""
    return Effect("work_item", kind)


def take(what: str) -> Effect:
    """Take a value of the message into the order: a date, the data of the meter."""
    return Effect("take", what)


def tell(trigger: str) -> Effect:
    """Pass the trigger on to the order that this one is about (a cancel to what it cancels)."""
    return Effect("tell", trigger)


def call(what: str) -> Effect:
    """Hand the message to another part of the market (initial read to the usage)."""
    return Effect("call", what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """In ``state``, ``on`` a trigger, where the facts allow: go ``to``, with these effects."""

    state: str
    on: str
    to: str
    when: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    effects: tuple[Effect, ...] = ()

    def holds(self, facts: Set[str]) -> bool:
        """Whether the guard lets it through."""
        return self.when <= facts and not self.unless & facts

    @property
    def guard(self) -> str:
        """``duplicate, not late``; empty where there is none."""
        return ", ".join([*sorted(self.when), *(f"not {name}" for name in sorted(self.unless))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: ``states`` says of each state what it means, in the order of the drawing.

    ``final`` states are closed: an order never leaves them. ``source`` is where the rules stand.
    ``waits`` and ``notes`` name, by state, the messages that wait or are noted there.
    """

    kind: str
    title: str
    source: str
    first: str
    states: Mapping[str, str]
    final: frozenset[str]
    transitions: tuple[Transition, ...]
    waits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def messages(self) -> frozenset[str]:
        """Every message that the process knows, in any state."""
        listed = [*self.waits.values(), *self.notes.values()]
        on = {t.on for t in self.transitions if is_message(t.on)}
        return frozenset(on.union(*listed))

    def allows(self, *, state: str, trigger: str) -> bool:
        """Whether some transition of the state begins with the trigger, whatever the facts."""
        return any(t.state == state and t.on == trigger for t in self.transitions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a trigger does to an order: ``state`` is the one it is in afterwards.

    ``effects`` are empty unless ``verdict`` is ``moved``; a move may lead to the same state.
    """

    verdict: Verdict
    state: str
    effects: tuple[Effect, ...] = ()


def rows(
    *states: str,
    on: str,
    to: str = "",
    when: Set[str] = frozenset(),
    unless: Set[str] = frozenset(),
    effects: tuple[Effect, ...] = (),
) -> tuple[Transition, ...]:
    """The same row for several states; without ``to`` each stays where it is."""
    return tuple(
        Transition(
            state=state,
            on=on,
            to=to or state,
            when=frozenset(when),
            unless=frozenset(unless),
            effects=effects,
        )
        for state in states
    )


def decide(
    process: Process, *, state: str, trigger: str, facts: Set[str] = frozenset()
) -> Decision:
    """The first transition that holds; else whether the trigger waits, is noted or unexpected.

    A command or deadline without a transition is ``unexpected``: use cases refuse a command, and
    a deadline that nobody waits for any more has no effect. Raises KeyError for a state that the
    process does not have.
    """
    _ = process.states[state]
    for transition in process.transitions:
        if transition.state == state and transition.on == trigger and transition.holds(facts):
            return Decision(verdict="moved", state=transition.to, effects=transition.effects)
    if trigger in process.waits.get(state, NO_MESSAGES):
        return Decision(verdict="waits", state=state)
    if trigger in process.notes.get(state, NO_MESSAGES):
        return Decision(verdict="noted", state=state)
    return Decision(verdict="unexpected", state=state)
