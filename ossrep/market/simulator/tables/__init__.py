"""The simulated market's own tables: parties, rates, codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Player:
    """ERCOT or a TDSP: ``code`` names its folder, ``reference`` begins the ids it gives."""

    code: str
    name: str
    duns: str
    isa: str
    reference: str


@dataclass(frozen=True, slots=True)
class Wires(Player):
    """A TDSP with the shape of its ESI IDs, its towns with their ZIP codes, and its habits."""

    esi_prefix: str
    esi_digits: int
    towns: Mapping[str, str]
    weather: str
    early_reconnect: str


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line of a delivery tariff: ``unit`` is month, kwh or kw; rates by their first day."""

    code: str
    text: str
    unit: str
    rates: Mapping[dt.date, Decimal]

    def on(self, date: dt.date) -> Decimal | None:
        """The rate in force on a date; None before the first."""
        days = [first for first in self.rates if first <= date]
        return self.rates[max(days)] if days else None


@dataclass(frozen=True, slots=True)
class Code:
    """A code with the text that goes with it, where it has one."""

    value: str
    text: str = ""


ERCOT = "ERCOT"


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))


@cache
def ercot() -> Player:
    """The independent system operator."""
    return Player(code=ERCOT, **_read("parties.yaml")["ercot"])


@cache
def wires() -> Mapping[str, Wires]:
    """The TDSPs by code."""
    return {code: Wires(code=code, **row) for code, row in _read("parties.yaml")["tdsps"].items()}


@cache
def players() -> Mapping[str, Player]:
    """ERCOT and the TDSPs by code."""
    return {ERCOT: ercot(), **wires()}


@cache
def rates(*, tdsp: str, rate_class: str) -> Sequence[RateRow]:
    """The delivery tariff of a rate class; empty where the table has none."""
    return [
        RateRow(
            code=row["code"],
            text=row["text"],
            unit=row["unit"],
            rates={first: Decimal(rate) for first, rate in row["rates"].items()},
        )
        for row in _read("rates.yaml")[tdsp].get(rate_class, [])
    ]


@cache
def code(kind: str, name: str) -> Code:
    """A code by what it is for: ``code("qualifiers", "esi_id")`` is ``Q5``."""
    row = _read("codes.yaml")[kind][name]
    return Code(row["value"], row.get("text", ""))


def value(kind: str, name: str) -> str:
    """The letters of ``code``."""
    return code(kind, name).value


@cache
def delay(kind: str) -> tuple[int, str]:
    """After how much of which unit (``bh``, ``h``, ``m``) a transaction of a kind leaves."""
    amount, unit = _read("codes.yaml")["delays"].get(kind, "1 bh").split()
    return int(amount), unit


@cache
def holidays() -> frozenset[dt.date]:
    """Days on which the retail market rests, besides weekends."""
    return frozenset(_read("codes.yaml")["holidays"])


@cache
def first_available_switch_days() -> int:
    """Retail business days from a switch request to the first day on which it can happen."""
    return int(_read("codes.yaml")["first_available_switch_days"])
