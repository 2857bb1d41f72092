"""Facts for the messaging tests: an event, writing it, and a consumer that keeps what it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connections

from ossrep.infra import database
from ossrep.infra.inbox import Consumer
from ossrep.infra.outbox import append_many
from ossrep.infra.outbox.writing import EVENTS_PER_APPEND_MAX
from ossrep.kernel.events import EventEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something was noted on a sheet."""

    event_type: ClassVar[str] = "billing.noted.v1"
    aggregate_type: ClassVar[str] = "sheet"

    sheet: str
    number: int

    @property
    def aggregate_id(self) -> str:
        return self.sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(Noted):
    """Nobody handles it."""

    event_type: ClassVar[str] = "billing.ignored.v1"


def write(*events: Noted) -> None:
    """Commits events to billing's outbox in one transaction."""
    with database.transaction("billing"):
        for first in range(0, len(events), EVENTS_PER_APPEND_MAX):
            append_many(context="billing", events=events[first : first + EVENTS_PER_APPEND_MAX])


def notes(*, sheets: int, each: int) -> list[Noted]:
    """``each`` numbered notes on every sheet, the sheets taking turns."""
    return [Noted(sheet=f"s{s}", number=n) for n in range(1, each + 1) for s in range(sheets)]


class Keeping:
    """A consumer that notes what it gets in a table of its own and fails where told to.

    The table is temporary and belongs to meter's connection, so its rows share the fate of the
    inbox's.
    """

    def __init__(self) -> None:
        self.fails_on: set[tuple[str, int]] = set()
        self.reloaded: list[tuple[str, str]] = []
        with connections["meter"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.kept")
            cursor.execute(
                "CREATE TEMP TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY, "
                "sheet text, number int)"
            )

    def consumer(self, *, name: str = "meter") -> Consumer:
        return Consumer(
            name=name,
            context="meter",
            handlers={Noted.event_type: self._handle},
            reload=lambda kind, key: self.reloaded.append((kind, key)),
        )

    def _handle(self, envelope: EventEnvelope) -> None:
        note = (envelope.payload["sheet"], envelope.payload["number"])
        with connections["meter"].cursor() as cursor:
            cursor.execute("INSERT INTO kept (sheet, number) VALUES (%s, %s)", note)
        if (envelope.aggregate_id, envelope.seq) in self.fails_on:
            raise ValueError(f"cannot use {envelope.aggregate_id}#{envelope.seq}")

    def numbers(self, sheet: str) -> list[int]:
        """The numbers noted of a sheet, in the order they came."""
        found = rows("meter", "SELECT number FROM kept WHERE sheet = %s ORDER BY id", [sheet])
        return [row[0] for row in found]


class TableKeeping(Keeping):
    """Keeps in a real table, for children of the test: ``create_table`` first."""

    def __init__(self) -> None:
        self.fails_on = set()
        self.reloaded = []

    @staticmethod
    def create_table() -> None:
        with database.as_owner("meter"), connections["meter"].cursor() as cursor:
            cursor.execute(
                "CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY, sheet text, number int)"
            )


def rows(alias: str, query: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())
