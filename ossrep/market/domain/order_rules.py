"""What ``data/orders.yaml`` says: codes that mean something to an order, and limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ossrep.kernel.errors import DomainError
from ossrep.market.domain.clocks import Clock, Hop, Limit, Unit

_FILE = Path(__file__).parent.parent / "data" / "orders.yaml"


class UnknownAnswer(DomainError):
    """A process expects an answer whose way ``data/orders.yaml`` does not give."""

    code = "unknown_answer"


class UnknownWorkItem(DomainError):
    """A process asks for a work item that ``data/orders.yaml`` has no words for."""

    code = "unknown_work_item"


@dataclass(frozen=True, slots=True)
class WorkItemWords:
    """Templates of a work item's title and text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """The way of an answer, keys of the timing table.

    ``counts_from`` is ``now`` or the date field of the order.
    """

    counts_from: str
    hops: tuple[str, ...]


@cache
def load_order_rules() -> Mapping[str, Any]:
    """The file as it stands; all values are text."""
    # BaseLoader leaves every value as text: 814_05 would else be the number 81405.
    rules: Mapping[str, Any] = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return rules


def find_code_facts(*, codes: Collection[str]) -> frozenset[str]:
    """Facts that hold because every code of a message is one of theirs; none without codes.

    All codes, not some: an answer that gives a further reason stands for more than the fact.
    """
    facts: Mapping[str, Mapping[str, Any]] = load_order_rules()["facts"]
    return frozenset(
        name for name, row in facts.items() if codes and set(codes) <= set(row["codes"])
    )


def attempts_max() -> int:
    """How many orders a wish has at most without a person."""
    return int(load_order_rules()["attempts_max"])


def get_expected_answer(*, process: str, answer: str, is_priority: bool) -> ExpectedAnswer:
    """The way of an answer within a process. Raises UnknownAnswer."""
    answers: Mapping[str, Mapping[str, Any]] = load_order_rules()["answers"].get(process, {})
    names = [f"{answer} priority", answer] if is_priority else [answer]
    row = next((answers[name] for name in names if name in answers), None)
    if row is None:
        raise UnknownAnswer(f"has no limits for {answer} of a {process}", where="orders.yaml")
    return ExpectedAnswer(counts_from=row["from"], hops=tuple(row["hops"]))


def get_waiting_limit(*, kind: str) -> Hop:
    """How long a message of a kind waits for what it should follow."""
    rows: Mapping[str, Mapping[str, str]] = load_order_rules()["waiting"]
    row = rows.get(kind, rows["default"])
    limit = Limit(clock=Clock(row["clock"]), unit=Unit(row["unit"]), value=Fraction(row["value"]))
    return Hop(limit)


def find_work_item_words(*, kind: str) -> WorkItemWords:
    """Title and text of a work item. Raises UnknownWorkItem."""
    row = load_order_rules()["work_items"].get(kind)
    if row is None:
        raise UnknownWorkItem(f"has no words for a work item {kind}", where="orders.yaml")
    return WorkItemWords(title=row["title"], text=row["text"])
