"""What there is in the simulated market, and how it is kept in one JSON file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import heapq
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ossrep.market.simulator.errors import SimulatorRefused

STATE_FILE = "state.json"
STATE_VERSION = 1


@dataclass(slots=True, kw_only=True)
class Premises:
    """A service point. ``retailer`` is the DUNS of the REP of record, empty for none.

    ``served_from`` is the first day of the present service under our retailer; ``read_on`` and the
    registers (whole kWh) are the last read; ``sent_until`` is the day up to which intervals left.
    """

    esi_id: str
    tdsp: str
    street: str
    city: str
    zip_code: str
    meter: str
    cycle: str
    kind: str
    rate_class: str
    load_profile: str
    retailer: str = ""
    energized: bool = True
    switch_hold: bool = False
    needs_permit: bool = False
    csa_holder: str = ""
    served_from: str = ""
    read_on: str = ""
    sent_until: str = ""
    import_kwh: int = 0
    export_kwh: int = 0
    estimate_kwh: int = 0


@dataclass(slots=True, kw_only=True)
class Order:
    """An order on its way. ``kind`` is switch, move_in or move_out.

    ``state`` is pending, permit, scheduled, completed, cancelled or rejected; ``counter`` is the
    highest iteration counter of a date change.
    """

    reference: str
    kind: str
    esi_id: str
    requested: str
    state: str = "pending"
    date: str = ""
    counter: str = ""
    customer: str = ""
    wants_usage: bool = False


@dataclass(slots=True, kw_only=True)
class Document:
    """A month's usage with its invoice, as sent: what a cancel or a replace points to.

    ``lines`` are (SAC04, text, unit, rate, quantity, amount in cents). ``cancel_invoice`` is the
    number of the invoice that cancelled it; ``paid_cents`` is what is left paid.
    """

    usage: str
    invoice: str
    esi_id: str
    start: str
    end: str
    import_kwh: int
    export_kwh: int
    peak_kw: str
    begin_kwh: int
    begin_export_kwh: int
    is_estimated: bool
    is_final: bool
    original: str
    lines: list[list[str]] = field(default_factory=list)
    is_live: bool = True
    paid_cents: int | None = None
    cancel_invoice: str = ""

    @property
    def total_cents(self) -> int:
        """What the invoice asks for."""
        return sum(int(line[5]) for line in self.lines)


@dataclass(slots=True, kw_only=True)
class World:
    """The whole state; ``agenda`` is a heap of (due, number, what, data)."""

    now: str
    seed: int
    numbers: dict[str, int] = field(default_factory=dict)
    premises: dict[str, Premises] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    agenda: list[tuple[str, int, str, dict[str, Any]]] = field(default_factory=list)
    received: dict[str, str] = field(default_factory=dict)
    awaiting: dict[str, str] = field(default_factory=dict)
    used_references: dict[str, str] = field(default_factory=dict)
    disconnects: dict[str, str] = field(default_factory=dict)
    rule_counts: dict[str, int] = field(default_factory=dict)

    @property
    def instant(self) -> dt.datetime:
        """The virtual present, aware UTC."""
        return dt.datetime.fromisoformat(self.now)

    def next_number(self, series: str) -> int:
        """1, 2, 3... of a named series."""
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return self.numbers[series]

    def plan(self, due: dt.datetime, what: str, **data: Any) -> None:
        """Puts something on the agenda; equal moments keep their order."""
        at = due.astimezone(dt.UTC).isoformat(timespec="seconds")
        heapq.heappush(self.agenda, (at, self.next_number("agenda"), what, data))

    def next_due(self) -> dt.datetime | None:
        """When the next thing happens."""
        return dt.datetime.fromisoformat(self.agenda[0][0]) if self.agenda else None

    def take(self) -> tuple[str, dict[str, Any]]:
        """Takes the next thing from the agenda."""
        _, _, what, data = heapq.heappop(self.agenda)
        return what, data

    def planned(self, *, what: str, reference: str) -> dict[str, Any] | None:
        """What is planned for one reference; None where nothing is."""
        for _, _, name, data in self.agenda:
            if name == what and data.get("reference") == reference:
                return data
        return None

    def drop_plans(self, *, what: str, **data: Any) -> int:
        """Takes matching things from the agenda; returns how many."""
        kept = [
            entry
            for entry in self.agenda
            if entry[2] != what or any(entry[3].get(key) != wanted for key, wanted in data.items())
        ]
        dropped = len(self.agenda) - len(kept)
        heapq.heapify(kept)
        self.agenda = kept
        return dropped

    def open_order(self, *, esi_id: str, kinds: tuple[str, ...]) -> Order | None:
        """A pending or scheduled order of some kinds on an ESI ID."""
        for order in self.orders.values():
            if order.esi_id == esi_id and order.kind in kinds and order.state in _OPEN:
                return order
        return None


_OPEN = ("pending", "permit", "scheduled")


def save_world(*, world: World, folder: Path) -> None:
    """Writes the state beside the old one and puts it in its place."""
    words = {"version": STATE_VERSION, **dataclasses.asdict(world)}
    beside = folder / f".{STATE_FILE}.new"
    beside.write_text(json.dumps(words, separators=(",", ":")), encoding="utf-8")
    beside.replace(folder / STATE_FILE)


def load_world(*, folder: Path) -> World | None:
    """The state of a folder; None before the first step. Raises SimulatorRefused."""
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        if words.pop("version") != STATE_VERSION:
            raise SimulatorRefused("is of another version: begin a new folder", where=str(path))
        return _world_of(words)
    except (ValueError, KeyError, TypeError) as error:
        raise SimulatorRefused(f"cannot be read: {error}", where=str(path)) from error


def _world_of(words: dict[str, Any]) -> World:
    words["premises"] = {key: Premises(**row) for key, row in words["premises"].items()}
    words["orders"] = {key: Order(**row) for key, row in words["orders"].items()}
    words["documents"] = {key: Document(**row) for key, row in words["documents"].items()}
    words["agenda"] = [tuple(entry) for entry in words["agenda"]]
    return World(**words)
