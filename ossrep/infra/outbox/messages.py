"""An event on its way: as the outbox holds it and as a broker carries it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from ossrep.kernel.events import EventEnvelope


@dataclass(frozen=True, slots=True)
class Message:
    """One event with payload and headers still as JSON text: most are passed on unread."""

    event_id: str
    event_type: str
    aggregate_type: str
    aggregate_id: str
    incarnation: int
    seq: int
    payload: str
    headers: str
    row_id: int = 0
    shard: int = 0

    @property
    def aggregate(self) -> tuple[str, str]:
        """The natural owner within which order is kept."""
        return (self.aggregate_type, self.aggregate_id)

    def envelope(self) -> EventEnvelope:
        """The event as a handler takes it."""
        return EventEnvelope(
            event_id=UUID(self.event_id),
            event_type=self.event_type,
            aggregate_type=self.aggregate_type,
            aggregate_id=self.aggregate_id,
            incarnation=self.incarnation,
            seq=self.seq,
            payload=json.loads(self.payload),
            headers=json.loads(self.headers),
        )


def topic_of(context: str) -> str:
    """The broker topic of a context's events."""
    return f"ossrep.{context}"
