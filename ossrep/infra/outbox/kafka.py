"""The Kafka transport: an idempotent producer, one event of an aggregate in flight."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ossrep.infra.outbox.messages import Message, own_topics, topic_of
from ossrep.infra.outbox.transports import Chain, Failure, Outcome, TransportFailed
from ossrep.kernel.errors import DomainError

DELIVERY_TIMEOUT_MS = 30_000
ADMIN_TIMEOUT_S = 8.0
POLL_S = 0.05
# Well above what a relay's step can have in flight.
QUEUE_MAX = 100_000

log = logging.getLogger("ossrep.kafka")

# What the broker refuses however often it is asked: the event itself does not fit.
PERMANENT = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError._INVALID_ARG,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_MSG,
        KafkaError.INVALID_TIMESTAMP,
    }
)


class TopicChanged(DomainError):
    """A topic has another number of partitions than recorded: keys would move to other ones."""

    code = "topic_changed"


class KafkaNotReachable(DomainError):
    """No broker answers at the configured address."""

    code = "kafka_not_reachable"


@dataclass(slots=True)
class _Chain:
    """How far a chain of one aggregate's events has come."""

    messages: Chain
    position: int = 0


class KafkaTransport:
    """Publishes to ``ossrep.<context>``, or to an event's own topic, keyed by aggregate.

    The event type stands in a header.
    """

    def __init__(self, *, bootstrap: str, overrides: dict[str, Any] | None = None) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "client.id": "ossrep-relay",
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
                "linger.ms": 5,
                "compression.type": "lz4",
                "queue.buffering.max.messages": QUEUE_MAX,
                "error_cb": self._note_fatal,
                **(overrides or {}),
            },
            logger=log,
        )
        self._fatal: KafkaError | None = None

    def publish(self, *, context: str, chains: Sequence[Chain]) -> Outcome:
        """Sends the first event of every chain, then each next one as its predecessor is acked."""
        topic, others = topic_of(context), own_topics(context)
        outcome = Outcome()
        states = [_Chain(chain) for chain in chains if chain]
        open_chains = len(states)

        def settled(state: _Chain, error: KafkaError | None) -> None:
            nonlocal open_chains
            message = state.messages[state.position]
            if error is not None:
                outcome.failures.append(_failure(message, error))
                open_chains -= 1
                return
            outcome.acked.append(message.row_id)
            state.position += 1
            if state.position < len(state.messages):
                send(state)
            else:
                open_chains -= 1

        def send(state: _Chain) -> None:
            message = state.messages[state.position]
            try:
                to = others.get(message.event_type, topic)
                self._produce(to, message, lambda error, _: settled(state, error))
            except KafkaException as refused:
                settled(state, refused.args[0])
            except BufferError:
                settled(state, KafkaError(KafkaError._QUEUE_FULL))

        for state in states:
            send(state)
        while open_chains:
            self._producer.poll(POLL_S)
            self._stop_when_fatal()
        return outcome

    def close(self) -> None:
        """Waits for what is still in the producer's queue."""
        self._producer.flush(DELIVERY_TIMEOUT_MS / 1000)

    def _produce(self, topic: str, message: Message, on_delivery: Any) -> None:
        headers: list[tuple[str, str | bytes | None]] = [
            ("event_type", message.event_type),
            ("event_id", message.event_id),
            ("aggregate_type", message.aggregate_type),
            ("aggregate_id", message.aggregate_id),
            ("incarnation", str(message.incarnation)),
            ("seq", str(message.seq)),
            ("headers", message.headers),
        ]
        self._producer.produce(
            topic,
            key=f"{message.aggregate_type}:{message.aggregate_id}",
            value=message.payload,
            headers=headers,
            on_delivery=on_delivery,
        )

    def _note_fatal(self, error: KafkaError) -> None:
        if error.fatal():
            self._fatal = error

    def _stop_when_fatal(self) -> None:
        if self._fatal is not None:
            raise TransportFailed(f"the producer cannot go on: {self._fatal.str()}")


def _failure(message: Message, error: KafkaError) -> Failure:
    if error.fatal():
        raise TransportFailed(f"the producer cannot go on: {error.str()}")
    return Failure(message, f"{error.name()}: {error.str()}", permanent=error.code() in PERMANENT)


def parse(record: Any) -> Message:
    """The event in a record of ``confluent_kafka``; raises ValueError where it is none of ours."""
    headers = {name: (value or b"").decode() for name, value in record.headers() or []}
    try:
        return Message(
            event_id=headers["event_id"],
            event_type=headers["event_type"],
            aggregate_type=headers["aggregate_type"],
            aggregate_id=headers["aggregate_id"],
            incarnation=int(headers["incarnation"]),
            seq=int(headers["seq"]),
            payload=record.value().decode(),
            headers=headers["headers"],
        )
    except KeyError as missing:
        raise ValueError(f"a record without header {missing}") from missing


def partition_counts(*, bootstrap: str) -> dict[str, int]:
    """Topic to its number of partitions."""
    try:
        metadata = _admin(bootstrap).list_topics(timeout=ADMIN_TIMEOUT_S)
    except KafkaException as error:
        raise KafkaNotReachable(f"{error.args[0].str()}", where=bootstrap) from error
    return {name: len(topic.partitions) for name, topic in metadata.topics.items()}


def create_topic(*, bootstrap: str, topic: str, partitions: int) -> None:
    """Creates a topic with the broker's own replication; one that is there already is fine."""
    # Kept until the answer is there: the request dies with its client.
    admin = _admin(bootstrap)
    future = admin.create_topics([NewTopic(topic, partitions, -1)])[topic]
    try:
        future.result(ADMIN_TIMEOUT_S)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap}, logger=log)
