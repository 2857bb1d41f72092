"""MarkeTrak issues as they are worked by hand: their subtypes, states and transitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from ossrep.kernel.errors import DomainError

_FILE = Path(__file__).parent.parent / "data" / "marketrak.yaml"


class State(StrEnum):
    """Who has to do something about an issue."""

    WITH_THEM = "with_them"
    WITH_US = "with_us"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Trigger(StrEnum):
    """What happens to an issue."""

    THEY_ANSWER = "they_answer"
    WE_ANSWER = "we_answer"
    ADD_EVIDENCE = "add_evidence"
    ESCALATE = "escalate"
    CLOSE = "close"


TRANSITIONS: Mapping[tuple[State, Trigger], State] = {
    (State.WITH_THEM, Trigger.THEY_ANSWER): State.WITH_US,
    (State.WITH_THEM, Trigger.ADD_EVIDENCE): State.WITH_THEM,
    (State.WITH_THEM, Trigger.ESCALATE): State.ESCALATED,
    (State.WITH_THEM, Trigger.CLOSE): State.CLOSED,
    (State.WITH_US, Trigger.WE_ANSWER): State.WITH_THEM,
    (State.WITH_US, Trigger.ADD_EVIDENCE): State.WITH_US,
    (State.WITH_US, Trigger.ESCALATE): State.ESCALATED,
    (State.WITH_US, Trigger.CLOSE): State.CLOSED,
    (State.ESCALATED, Trigger.THEY_ANSWER): State.WITH_US,
    (State.ESCALATED, Trigger.WE_ANSWER): State.WITH_THEM,
    (State.ESCALATED, Trigger.ADD_EVIDENCE): State.ESCALATED,
    (State.ESCALATED, Trigger.CLOSE): State.CLOSED,
}
"""Where a trigger leads; what stands not here cannot happen."""


class MarketrakRefused(DomainError):
    """Something that cannot be done with an issue."""

    code = "marketrak_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtype:
    """One subtype: its clocks are keys of the timing table, empty where none is sourced."""

    code: str
    name: str
    answer: Sequence[str]
    our_answer: Sequence[str]
    duties: Mapping[str, Sequence[str]]
    confidence: str
    source: str


def next_state(*, state: str, trigger: Trigger) -> State:
    """Where the trigger leads. Raises MarketrakRefused."""
    found = TRANSITIONS.get((State(state), trigger))
    if found is None:
        raise MarketrakRefused(f"{trigger.replace('_', ' ')}: not while the issue is {state}")
    return found


def get_subtype(code: str, /) -> Subtype:
    """The subtype of a code. Raises MarketrakRefused, naming those there are."""
    found = load_subtypes()
    if code not in found:
        raise MarketrakRefused(f"no subtype is called {code!r}; there are {', '.join(found)}")
    return found[code]


@cache
def load_subtypes() -> Mapping[str, Subtype]:
    """All subtypes by code."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["subtypes"]
    return {code: Subtype(code=code, **entry) for code, entry in data.items()}
