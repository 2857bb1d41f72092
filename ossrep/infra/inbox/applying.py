"""Applies events with their inbox rows in one transaction: the effect happens once.

The inbox remembers the last sequence number of each aggregate. A repeat is skipped, the next
number is applied, and a hole (which must never happen) parks the aggregate: its events are kept
whole in ``inbox_parked`` and the other aggregates go on. An event whose handler keeps failing
parks its aggregate in the same way.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError, connections

from ossrep.infra import database
from ossrep.infra.inbox.discovery import Consumer
from ossrep.infra.outbox.messages import Message
from ossrep.infra.remote.errors import ServiceUnavailable

ATTEMPTS_MAX = 5
FIRST_PAUSE_S = 0.05

log = logging.getLogger(__name__)

TRANSIENT = (OperationalError, InterfaceError, ServiceUnavailable)
"""Errors of a connection, not of the event: they heal, so nothing is parked for them."""

_ADVANCE = """
    INSERT INTO inbox_stream AS i (consumer, aggregate_type, aggregate_id, incarnation, last_seq)
    SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::int[], %s::bigint[])
    ON CONFLICT (consumer, aggregate_type, aggregate_id)
    DO UPDATE SET incarnation = EXCLUDED.incarnation, last_seq = EXCLUDED.last_seq
    WHERE NOT i.parked
      AND ((i.incarnation = EXCLUDED.incarnation AND i.last_seq = EXCLUDED.last_seq - 1)
           OR i.incarnation < EXCLUDED.incarnation)
    RETURNING aggregate_type, aggregate_id
"""
_STATE = """
    SELECT i.aggregate_type, i.aggregate_id, i.incarnation, i.last_seq, i.parked
    FROM inbox_stream i
    JOIN unnest(%s::text[], %s::text[]) AS k (aggregate_type, aggregate_id)
      USING (aggregate_type, aggregate_id)
    WHERE i.consumer = %s
"""
_PARK_STREAM = """
    INSERT INTO inbox_stream AS i
        (consumer, aggregate_type, aggregate_id, incarnation, last_seq, parked)
    VALUES (%s, %s, %s, %s, %s, true)
    ON CONFLICT (consumer, aggregate_type, aggregate_id) DO UPDATE SET parked = true
"""
_PARK_EVENT = """
    INSERT INTO inbox_parked (consumer, aggregate_type, aggregate_id, incarnation, seq, event_id,
                              event_type, payload, headers, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (consumer, aggregate_type, aggregate_id, incarnation, seq) DO NOTHING
"""


@dataclass(slots=True)
class Applied:
    """What became of a batch: counts, and one line for each aggregate newly parked."""

    handled: int = 0
    passed: int = 0
    repeated: int = 0
    parked: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Applied) -> None:
        """Adds another batch's counts."""
        self.handled += other.handled
        self.passed += other.passed
        self.repeated += other.repeated
        self.parked += other.parked
        self.problems += other.problems


def apply(*, consumer: Consumer, messages: Sequence[Message]) -> Applied:
    """Applies messages, each aggregate's in the given order; returns what became of them.

    All in one transaction; when an event fails, the batch is undone and goes on one by one, so
    that only the failing event's aggregate is parked. Raises only what heals (``TRANSIENT``).
    """
    try:
        return _apply_together(consumer, messages)
    except TRANSIENT:
        raise
    except Exception as error:
        if len(messages) > 1:
            log.warning("consumer %s: a batch failed (%r); one by one now", consumer.name, error)
    outcome = Applied()
    for message in messages:
        outcome.add(_apply_patiently(consumer, message))
    return outcome


def _apply_patiently(consumer: Consumer, message: Message) -> Applied:
    pause_s = FIRST_PAUSE_S
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _apply_together(consumer, [message])
        except TRANSIENT:
            raise
        except Exception as error:
            if attempt == ATTEMPTS_MAX:
                log.exception("consumer %s parks %s", consumer.name, _name(message))
                return _park_failing(consumer, message, error)
            time.sleep(pause_s)
            pause_s *= 2
    raise AssertionError("unreachable")


def _apply_together(consumer: Consumer, messages: Sequence[Message]) -> Applied:
    outcome = Applied()
    with database.transaction(consumer.context):
        for batch in _rounds(messages):
            retold = _retold(consumer, batch)
            fresh = _advance(consumer, batch)
            for message in batch:
                if message.aggregate in fresh:
                    if message.aggregate in retold:
                        _reload(consumer, message)
                    _handle(consumer, message, outcome)
            others = [m for m in batch if m.aggregate not in fresh]
            if others:
                _explain(consumer, others, outcome)
    return outcome


def _rounds(messages: Sequence[Message]) -> list[list[Message]]:
    """Batches with at most one event of an aggregate, so that one statement can advance all."""
    rounds: list[list[Message]] = []
    depth: dict[tuple[str, str], int] = {}
    for message in messages:
        index = depth.get(message.aggregate, 0)
        depth[message.aggregate] = index + 1
        if index == len(rounds):
            rounds.append([])
        rounds[index].append(message)
    return rounds


def _advance(consumer: Consumer, batch: list[Message]) -> set[tuple[str, str]]:
    """Moves the inbox on; gives the aggregates for which the event is the next one."""
    # Sorted, so that two processes never wait for each other in a circle.
    ordered = sorted(batch, key=lambda m: m.aggregate)
    with connections[consumer.context].cursor() as cursor:
        cursor.execute(
            _ADVANCE,
            [
                consumer.name,
                [m.aggregate_type for m in ordered],
                [m.aggregate_id for m in ordered],
                [m.incarnation for m in ordered],
                [m.seq for m in ordered],
            ],
        )
        return {(row[0], row[1]) for row in cursor.fetchall()}


def _retold(consumer: Consumer, batch: list[Message]) -> set[tuple[str, str]]:
    """Aggregates whose history begins anew: their owner's database was restored."""
    later = [message for message in batch if message.incarnation > 1]
    if not later:
        return set()
    states = _states(consumer, later)
    return {
        m.aggregate
        for m in later
        if m.aggregate in states and states[m.aggregate][0] < m.incarnation
    }


def _reload(consumer: Consumer, message: Message) -> None:
    if consumer.reload is None:
        log.warning("consumer %s cannot reload %s", consumer.name, _name(message))
        return
    consumer.reload(*message.aggregate)


def _handle(consumer: Consumer, message: Message, outcome: Applied) -> None:
    handler = consumer.handlers.get(message.event_type)
    if handler is None:
        outcome.passed += 1
        return
    handler(message.envelope())
    outcome.handled += 1


def _explain(consumer: Consumer, batch: list[Message], outcome: Applied) -> None:
    """Events that are not the next one: repeats are dropped, the rest is kept and parked."""
    states = _states(consumer, batch)
    for message in batch:
        incarnation, last_seq, is_parked = states[message.aggregate]
        if (message.incarnation, message.seq) <= (incarnation, last_seq):
            outcome.repeated += 1
            continue
        error = "waits: the aggregate is parked"
        if not is_parked:
            error = f"a hole: the inbox stands at {last_seq}, this is {message.seq}"
            log.error("consumer %s parks %s: %s", consumer.name, _name(message), error)
            outcome.problems.append(f"{_name(message)}: {error}")
        _park(consumer, message, error)
        outcome.parked += 1


def _states(
    consumer: Consumer, batch: list[Message]
) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """(incarnation, last sequence, parked) of each aggregate the inbox knows."""
    with connections[consumer.context].cursor() as cursor:
        cursor.execute(
            _STATE,
            [[m.aggregate_type for m in batch], [m.aggregate_id for m in batch], consumer.name],
        )
        return {(row[0], row[1]): (row[2], row[3], row[4]) for row in cursor.fetchall()}


def _park_failing(consumer: Consumer, message: Message, error: Exception) -> Applied:
    told = f"{type(error).__name__}: {error}"
    with database.transaction(consumer.context):
        _park(consumer, message, told)
    return Applied(parked=1, problems=[f"{_name(message)}: {told}"])


def _park(consumer: Consumer, message: Message, error: str) -> None:
    key: list[Any] = [consumer.name, *message.aggregate, message.incarnation]
    with connections[consumer.context].cursor() as cursor:
        cursor.execute(_PARK_STREAM, [*key, message.seq - 1])
        cursor.execute(
            _PARK_EVENT,
            [
                *key,
                message.seq,
                message.event_id,
                message.event_type,
                message.payload,
                message.headers,
                error,
            ],
        )


def _name(message: Message) -> str:
    return f"{message.event_type} {':'.join(message.aggregate)}#{message.seq}"
