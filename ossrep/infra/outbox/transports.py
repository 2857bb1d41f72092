"""How events leave the outbox: one interface, in process or through Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ossrep.infra.inbox.applying import TRANSIENT, Applied, apply
from ossrep.infra.inbox.discovery import Consumer
from ossrep.infra.outbox.messages import Message
from ossrep.kernel.errors import DomainError

Chain = Sequence[Message]
"""Events of one aggregate in order; each may be sent only after the one before was taken."""


class TransportFailed(DomainError):
    """The transport cannot go on in this process; a supervisor starts it anew."""

    code = "transport_failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that was not taken; ``permanent`` when no repetition can help."""

    message: Message
    error: str
    permanent: bool


@dataclass(slots=True)
class Outcome:
    """Row ids that were taken for certain, and the first failure of each broken chain."""

    acked: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class Transport(Protocol):
    """Takes events of one context and answers which of them are safe."""

    def publish(self, *, context: str, chains: Sequence[Chain]) -> Outcome:
        """Sends every chain in its order, at most one event of a chain in flight.

        Returns when each event is taken, refused, or not sent because one before it failed.
        """
        ...

    def close(self) -> None:
        """Gives back what the transport holds."""
        ...


class InProcessTransport:
    """Hands events to the handlers of this very process, by the same inbox as with a broker.

    An event counts as taken when every consumer has applied, passed or parked it.
    """

    def __init__(self, *, consumers: Sequence[Consumer]) -> None:
        self._consumers = list(consumers)
        self.applied = Applied()

    def publish(self, *, context: str, chains: Sequence[Chain]) -> Outcome:
        """Applies the chains in every consumer that listens to the context."""
        messages = [message for chain in chains for message in chain]
        try:
            for consumer in self._consumers:
                if context in consumer.sources:
                    self.applied.add(apply(consumer=consumer, messages=messages))
        except TRANSIENT as error:
            told = f"{type(error).__name__}: {error}"
            return Outcome(
                failures=[Failure(chain[0], told, permanent=False) for chain in chains if chain]
            )
        return Outcome(acked=[message.row_id for message in messages])

    def close(self) -> None:
        """Nothing is held."""
