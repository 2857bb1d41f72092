"""Appending facts in the transaction of the change they tell of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from zlib import crc32

from django.db import connections

from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import Event, to_json_texts

SHARDS = 16
EVENTS_PER_APPEND_MAX = 20_000
PAYLOAD_BYTES_MAX = 900_000
LINES_PER_WRITE = 200

Aggregate = tuple[str, str]

_NUMBER = """
    INSERT INTO outbox_stream AS s (aggregate_type, aggregate_id, last_seq)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (aggregate_type, aggregate_id)
    DO UPDATE SET last_seq = s.last_seq + EXCLUDED.last_seq
    RETURNING aggregate_type, aggregate_id, last_seq
"""
_COPY = """
    COPY outbox_event (event_id, aggregate_type, aggregate_id, seq, shard, event_type, payload,
                       headers) FROM STDIN
"""
# COPY's text format: what would end a field or a line, and the escape itself.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class OutboxMisuse(DomainError):
    """An event appended outside a transaction, or one that could never be published."""

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
    waiting for each other in a circle. Raises ``OutboxMisuse`` outside a transaction, and for
    an event that no broker or database takes.
    """
    if not events:
        return
    connection = connections[context]
    if not connection.in_atomic_block:
        raise OutboxMisuse("an event belongs into the transaction of its change")
    if len(events) > EVENTS_PER_APPEND_MAX:
        raise OutboxMisuse(f"append at most {EVENTS_PER_APPEND_MAX} events at once")
    groups: dict[Aggregate, list[Event]] = {}
    for event in events:
        groups.setdefault((event.aggregate_type, event.aggregate_id), []).append(event)
    keys = sorted(groups)
    columns = [
        _text_array([key[0] for key in keys]),
        _text_array([key[1] for key in keys]),
        f"{{{','.join([str(len(groups[key])) for key in keys])}}}",
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, columns)
        last = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
        lines = _lines(groups, keys, last, json.dumps(dict(headers or {})))
        with cursor.copy(_COPY) as copy:
            # Chunk by chunk, so that the server works while the next lines are made.
            while chunk := "".join(islice(lines, LINES_PER_WRITE)):
                copy.write(chunk)


def _text_array(texts: Sequence[str]) -> str:
    """For a parameter cast to ``text[]``: far quicker to make than a list of parameters."""
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
        joined = '","'.join(escaped)
    return f'{{"{joined}"}}'


def _lines(
    groups: Mapping[Aggregate, list[Event]],
    keys: Sequence[Aggregate],
    last: Mapping[Aggregate, int],
    headers: str,
) -> Iterator[str]:
    events = [event for key in keys for event in groups[key]]
    rows = zip(_random_uuids(len(events)), events, to_json_texts(events), strict=True)
    end = f"\t{headers.translate(_ESCAPES)}\n"
    for key in keys:
        count = len(groups[key])
        kind, owner = (_escaped(part) for part in key)
        shard = shard_of(aggregate_type=key[0], aggregate_id=key[1])
        first = last[key] - count + 1
        for seq, (event_id, event, payload) in enumerate(islice(rows, count), start=first):
            _check(event, payload)
            if "\\" in payload:
                payload = payload.replace("\\", "\\\\")
            yield (
                f"{event_id}\t{kind}\t{owner}\t{seq}\t{shard}\t{event.event_type}\t{payload}{end}"
            )


def _escaped(text: str) -> str:
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _check(event: Event, payload: str) -> None:
    if len(payload) * 4 > PAYLOAD_BYTES_MAX and len(payload.encode()) > PAYLOAD_BYTES_MAX:
        raise OutboxMisuse(f"has more than {PAYLOAD_BYTES_MAX} bytes", where=_where(event))
    if "\\u0000" in payload and _has_nul(json.loads(payload)):
        raise OutboxMisuse("has a NUL character, which PostgreSQL cannot keep", where=_where(event))


def _where(event: Event) -> str:
    return f"{event.event_type} {event.aggregate_type}:{event.aggregate_id}"


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in value)


_VERSION_4 = bytes(0x40 | byte & 0x0F for byte in range(256))
_VARIANT_1 = bytes(0x80 | byte & 0x3F for byte in range(256))


def _random_uuids(count: int) -> Iterator[str]:
    """Random (version 4) UUIDs as digits; one draw of the system's randomness for all."""
    drawn = bytearray(os.urandom(16 * count))
    drawn[6::16] = drawn[6::16].translate(_VERSION_4)
    drawn[8::16] = drawn[8::16].translate(_VARIANT_1)
    digits = drawn.hex()
    for start in range(0, len(digits), 32):
        yield digits[start : start + 32]


def shard_of(*, aggregate_type: str, aggregate_id: str) -> int:
    """The relay shard (0..15) of an aggregate; the same in every process."""
    return crc32(f"{aggregate_type}\x1f{aggregate_id}".encode()) % SHARDS
