"""An event on its way: as the outbox holds it and as a broker carries it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

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


def own_topics(context: str) -> Mapping[str, str]:
    """Event types that leave on a topic of their own, for consumers outside (type to topic).

    All events of their aggregates must be of such types: order is kept within a topic only.
    """
    found: Mapping[str, Mapping[str, str]] = settings.OSSREP_EVENT_TOPICS
    return found.get(context, {})


def topics_of(context: str) -> Sequence[str]:
    """All topics that a context's events leave on."""
    return [topic_of(context), *sorted(set(own_topics(context).values()))]
