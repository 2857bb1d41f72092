"""The market's table of time limits (``data/timing.csv``): facts with source and confidence."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from ossrep.kernel.errors import DomainError
from ossrep.market.domain.clocks import Bound, Clock, DayZero, Hop, Limit, Unit

_FILE = Path(__file__).parent.parent / "data" / "timing.csv"


class UnknownLimit(DomainError):
    """A key that the timing table does not have."""

    code = "unknown_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingRow:
    """One limit: who owes which transaction to whom, from when on it counts, and where it is said.

    ``hop.calendar`` is ``ERCOT`` or ``TDSP``: by whose holidays it is counted.
    """

    key: str
    transaction: str
    sender: str
    receiver: str
    variant: str
    starts_at: str
    hop: Hop
    confidence: str
    source: str
    note: str


@cache
def load_timing() -> Mapping[str, TimingRow]:
    """All rows by key, such as ``814_04.all``."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["key"]: _row(row) for row in csv.DictReader(file)}


def get_timing(*, key: str) -> TimingRow:
    """The row of a key. Raises UnknownLimit."""
    row = load_timing().get(key)
    if row is None:
        raise UnknownLimit(f"the timing table has no limit {key!r}", where="timing.csv")
    return row


def get_limit(*, key: str) -> Limit:
    """The limit of a key. Raises UnknownLimit."""
    return get_timing(key=key).hop.limit


def get_hops(*, keys: Iterable[str]) -> tuple[Hop, ...]:
    """The hops of an answer's way, by their keys in order. Raises UnknownLimit."""
    return tuple(get_timing(key=key).hop for key in keys)


def _row(row: Mapping[str, str]) -> TimingRow:
    limit = Limit(
        clock=Clock(row["clock"]),
        value=Fraction(row["value"]) if row["value"] else None,
        unit=Unit(row["unit"]) if row["unit"] else None,
        bound=Bound(row["bound"]),
        by=dt.time.fromisoformat(row["by"]) if row["by"] else None,
        day_zero=DayZero(row["day_zero"] or DayZero.RECEIPT),
        window=_window(row["window"]),
    )
    return TimingRow(
        key=row["key"],
        transaction=row["transaction"],
        sender=row["sender"],
        receiver=row["receiver"],
        variant=row["variant"],
        starts_at=row["starts_at"],
        hop=Hop(limit, row["calendar"] or "ERCOT"),
        confidence=row["confidence"],
        source=row["source"],
        note=row["note"],
    )


def _window(text: str) -> tuple[dt.time, dt.time] | None:
    if not text:
        return None
    opens, closes = text.split("-")
    return dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)
