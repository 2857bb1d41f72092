"""Consumes from Kafka: the offset is committed after the database, so nothing is skipped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import KafkaError, KafkaException
from django.db import connections

from ossrep.infra.inbox.applying import TRANSIENT, Applied, apply
from ossrep.infra.inbox.discovery import Consumer
from ossrep.infra.outbox.kafka import KafkaNotReachable, log, parse
from ossrep.infra.outbox.messages import Message, topic_of

RECORDS_PER_BATCH_MAX = 500
POLL_S = 0.25
RETRY_FIRST_S = 0.2
RETRY_MAX_S = 30.0
CONNECT_TIMEOUT_S = 15.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consuming:
    """How to run: when to stop, and whom to tell of each batch."""

    until_idle_s: float | None = None
    should_stop: Callable[[], bool] = lambda: False
    on_batch: Callable[[str, Applied], None] = lambda consumer, applied: None
    overrides: dict[str, Any] | None = None


def consume(*, consumers: Sequence[Consumer], bootstrap: str, how: Consuming) -> Applied:
    """Applies what comes for the consumers; returns the counts when told to stop.

    With ``until_idle_s`` it ends when nothing came for so long. A database that does not answer
    is waited for; a record that is not an event of ours is told in the log and passed over,
    since no aggregate can be named that would wait for it.
    """
    total = Applied()
    clients = [(consumer, _subscribe(consumer, bootstrap, how.overrides)) for consumer in consumers]
    quiet_since = time.monotonic()
    try:
        while not how.should_stop():
            for consumer, client in clients:
                applied = _consume_batch(consumer, client, how)
                if applied is not None:
                    total.add(applied)
                    how.on_batch(consumer.name, applied)
                    quiet_since = time.monotonic()
            if how.until_idle_s is not None and time.monotonic() - quiet_since >= how.until_idle_s:
                break
    finally:
        for _, client in clients:
            client.close()
    return total


def _subscribe(
    consumer: Consumer, bootstrap: str, overrides: dict[str, Any] | None
) -> KafkaConsumer:
    client = KafkaConsumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"ossrep.{consumer.name}",
            "client.id": f"ossrep-{consumer.name}",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "cooperative-sticky",
            # A topic is there from its first event on; by the default of five minutes a consumer
            # that was started before would not hear of it for so long.
            "topic.metadata.refresh.interval.ms": 5_000,
            **(overrides or {}),
        },
        logger=log,
    )
    try:
        client.list_topics(timeout=CONNECT_TIMEOUT_S)
    except KafkaException as error:
        client.close()
        raise KafkaNotReachable(error.args[0].str(), where=bootstrap) from error
    client.subscribe([topic_of(source) for source in consumer.sources])
    return client


def _consume_batch(consumer: Consumer, client: KafkaConsumer, how: Consuming) -> Applied | None:
    messages = []
    for record in client.consume(RECORDS_PER_BATCH_MAX, POLL_S):
        error = record.error()
        if error is not None:
            _raise_unless_it_heals(error)
            continue
        try:
            messages.append(parse(record))
        except ValueError as problem:
            place = f"{record.topic()}[{record.partition()}]@{record.offset()}"
            _log.error("consumer %s passes over %s: %s", consumer.name, place, problem)
    if not messages:
        return None
    applied = _apply_when_it_heals(consumer, messages, how)
    if applied is not None:
        _commit(client)
    return applied


def _apply_when_it_heals(
    consumer: Consumer, messages: Sequence[Message], how: Consuming
) -> Applied | None:
    pause_s = RETRY_FIRST_S
    while not how.should_stop():
        try:
            return apply(consumer=consumer, messages=messages)
        except TRANSIENT as error:
            _log.warning("consumer %s: %s; again in %.1f s", consumer.name, error, pause_s)
            connections[consumer.context].close()
            time.sleep(pause_s)
            pause_s = min(RETRY_MAX_S, pause_s * 2)
    return None


def _commit(client: KafkaConsumer) -> None:
    try:
        client.commit(asynchronous=False)
    except KafkaException as error:
        # The partitions went to another process meanwhile: it repeats, and the inbox drops it.
        _log.warning("offsets were not committed: %s", error.args[0].str())


def _raise_unless_it_heals(error: KafkaError) -> None:
    # A topic appears with its first relay; a broker that is away comes back.
    heals = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT}
    if error.code() not in heals and not error.retriable():
        raise KafkaException(error)
    _log.warning("kafka: %s", error.str())
