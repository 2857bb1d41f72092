"""Switches for faults: which message goes wrong how, decided by rule, seed and message alone."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ossrep.market.simulator.errors import SimulatorRefused
from ossrep.market.simulator.world import World

ON_REQUEST = frozenset({"reject", "permit", "silent", "cancel", "unexecutable"})
"""What can be done with a request of the retailer's."""
ON_ANSWER = frozenset({"lose", "late", "duplicate", "wrong_count", "out_of_order"})
"""What can be done with a message of the market's."""
ON_ACKNOWLEDGMENT = frozenset({"no_acknowledgment", "reject_acknowledgment"})
"""What can be done with the 997 of a group (``on: 997``)."""
ON_MONTH = frozenset({"estimate", "cancel_replace", "cancel", "wrong_amount", "lose_day"})
"""What can be done with a month's usage and invoice (``on: month``), or with a day's intervals."""
ON_PREMISES = frozenset({"loss", "drop", "take_back", "maintain", "switch_hold", "outage"})
"""What can befall a premises that we serve (``on: premises``)."""
ON_OTHERS = frozenset({"give"})
"""What can befall a premises of another retailer's (``on: premises``)."""
ALL = ON_REQUEST | ON_ANSWER | ON_ACKNOWLEDGMENT | ON_MONTH | ON_PREMISES | ON_OTHERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One switch. ``share`` of the matching messages, at most ``times`` of them.

    ``on`` is the kind of a message (``814_16``), ``month``, ``intervals`` or ``premises``;
    ``hours`` and ``days`` say how long after; ``by`` who rejects: ``ercot`` or ``tdsp``. Before
    the day ``since`` (ISO date) nothing befalls anybody.
    """

    number: int
    on: str
    do: str
    code: str = ""
    text: str = ""
    esi_id: str = ""
    share: float = 1.0
    times: int = 0
    hours: int = 0
    days: int = 0
    repeat: int = 1
    by: str = ""
    since: str = ""

    def fits(self, *, on: str, esi_id: str, today: dt.date) -> bool:
        """True for a message of this kind and ESI ID, from its first day on."""
        return self.on == on and self.esi_id in ("", esi_id) and self.since <= today.isoformat()


class Faults:
    """The rules of a file, in their order."""

    def __init__(self, *, rules: Sequence[Rule] = (), seed: int = 0) -> None:
        self._rules = rules
        self._seed = seed

    def find(
        self,
        *,
        world: World,
        today: dt.date,
        on: str,
        key: str,
        esi_id: str,
        among: frozenset[str],
    ) -> Rule | None:
        """The first rule that hits a message; ``key`` names the message once and for all."""
        for rule in self._rules:
            fits = rule.do in among and rule.fits(on=on, esi_id=esi_id, today=today)
            if fits and self._hits(rule, key):
                name = str(rule.number)
                done = world.rule_counts.get(name, 0)
                if rule.times and done >= rule.times:
                    continue
                world.rule_counts[name] = done + 1
                return rule
        return None

    def _hits(self, rule: Rule, key: str) -> bool:
        text = f"{self._seed}|{rule.number}|{key}".encode()
        draw = int.from_bytes(hashlib.sha256(text).digest()[:7], "big") / 2**56
        return draw < rule.share


def read_faults(*, path: Path, seed: int) -> Faults:
    """The rules of a YAML file (docs/market/simulator.md). Raises SimulatorRefused."""
    try:
        # Texts as they stand: YAML would read 814_16 as a number and `on` as a truth value.
        words = yaml.BaseLoader(path.read_text(encoding="utf-8")).get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SimulatorRefused(f"cannot be read: {error}", where=str(path)) from error
    rows = words.get("faults") if isinstance(words, Mapping) else None
    if not isinstance(rows, list):
        raise SimulatorRefused("must hold a list `faults`", where=str(path))
    rules = [_rule(row, number, f"{path}: faults[{number}]") for number, row in enumerate(rows)]
    return Faults(rules=rules, seed=seed)


_TEXTS = ("on", "do", "code", "text", "esi_id", "by", "since")
_NUMBERS = ("times", "hours", "days", "repeat")


def _rule(row: Any, number: int, where: str) -> Rule:
    if not isinstance(row, Mapping):
        raise SimulatorRefused("must hold names and values", where=where)
    named = {str(name): given for name, given in row.items()}
    unknown = set(named) - {*_TEXTS, *_NUMBERS, "share"}
    if unknown:
        raise SimulatorRefused(f"there is no {sorted(unknown)}", where=where)
    if named.get("do") not in ALL:
        raise SimulatorRefused(f"do is one of {', '.join(sorted(ALL))}", where=where)
    if "on" not in named:
        raise SimulatorRefused("needs `on`: the kind of a message", where=where)
    words: dict[str, Any] = {name: str(named[name]) for name in _TEXTS if name in named}
    for name in (*_NUMBERS, "share"):
        if name in named:
            words[name] = _number(named[name], name, where)
    return Rule(number=number, **words)


def _number(given: Any, name: str, where: str) -> int | float:
    try:
        number = float(given) if name == "share" else int(given)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise SimulatorRefused(f"{name} must be a number from 0 on, not {given!r}", where=where)
    return number
