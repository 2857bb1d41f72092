"""Appending facts in the transaction of the change they tell of."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from itertools import groupby
from zlib import crc32

from django.db import connections

from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import Event, to_payload

SHARDS = 16
EVENTS_PER_APPEND_MAX = 20_000
PAYLOAD_BYTES_MAX = 900_000


class OutboxMisuse(DomainError):
    """An event appended outside a transaction, or too large to be published."""

    code = "outbox_misuse"


def append(*, context: str, event: Event, headers: Mapping[str, str] | None = None) -> None:
    """Appends one fact to the context's outbox, inside the caller's transaction.

    Call it last in the transaction: the aggregate's stream row stays locked until commit.
    """
    append_many(context=context, events=[event], headers=headers)


def append_many(
    *, context: str, events: Sequence[Event], headers: Mapping[str, str] | None = None
) -> None:
    """Appends a chunk of facts: one sorted upsert of the streams, then COPY.

    Events of one aggregate keep their given order. Sorting by aggregate keeps two chunks from
    waiting for each other in a circle.
    """
    if not events:
        return
    connection = connections[context]
    if not connection.in_atomic_block:
        raise OutboxMisuse("an event belongs into the transaction of its change")
    if len(events) > EVENTS_PER_APPEND_MAX:
        raise OutboxMisuse(f"append at most {EVENTS_PER_APPEND_MAX} events at once")
    ordered = sorted(events, key=lambda e: (e.aggregate_type, e.aggregate_id))
    groups = [
        (key, list(members))
        for key, members in groupby(ordered, key=lambda e: (e.aggregate_type, e.aggregate_id))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_stream AS s (aggregate_type, aggregate_id, last_seq) "
            "SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) "
            "ON CONFLICT (aggregate_type, aggregate_id) "
            "DO UPDATE SET last_seq = s.last_seq + EXCLUDED.last_seq "
            "RETURNING aggregate_type, aggregate_id, last_seq",
            [
                [key[0] for key, _ in groups],
                [key[1] for key, _ in groups],
                [len(members) for _, members in groups],
            ],
        )
        last = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
        header_text = json.dumps(dict(headers or {}))
        with cursor.copy(
            "COPY outbox_event (event_id, aggregate_type, aggregate_id, seq, shard, event_type, "
            "payload, headers) FROM STDIN"
        ) as copy:
            for key, members in groups:
                first = last[key] - len(members) + 1
                for offset, event in enumerate(members):
                    copy.write_row(_row(key, first + offset, event, header_text))


def _row(key: tuple[str, str], seq: int, event: Event, header_text: str) -> tuple[object, ...]:
    payload = json.dumps(to_payload(event), ensure_ascii=False)
    if len(payload.encode()) > PAYLOAD_BYTES_MAX:
        raise OutboxMisuse(
            f"{event.event_type} has more than {PAYLOAD_BYTES_MAX} bytes", where=":".join(key)
        )
    shard = shard_of(aggregate_type=key[0], aggregate_id=key[1])
    return (str(uuid.uuid4()), *key, seq, shard, event.event_type, payload, header_text)


def shard_of(*, aggregate_type: str, aggregate_id: str) -> int:
    """The relay shard (0..15) of an aggregate; the same in every process."""
    return crc32(f"{aggregate_type}\x1f{aggregate_id}".encode()) % SHARDS
