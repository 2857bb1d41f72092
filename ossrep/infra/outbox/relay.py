"""The relay: takes a context's unpublished events to the transport, in order, and marks them.

Why nothing is lost or reordered: an event's row is visible only after its change committed, and
the aggregate's stream row, locked to commit, gives numbers without holes in the order of the row
ids. The relay reads the oldest unpublished rows of a shard, so an event's predecessors are
either published or in the same window; each is sent after the one before was acknowledged, and
marked after that. A crash repeats what was acknowledged and not yet marked; consumers drop it.
Two relays at once (one of them a zombie whose lock is gone) each send an unbroken run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connections

from ossrep.infra import database
from ossrep.infra.outbox.messages import Message
from ossrep.infra.outbox.transports import Chain, Failure, Outcome, Transport
from ossrep.infra.outbox.writing import SHARDS

EVENTS_PER_STEP_MAX = 8_000
ATTEMPTS_BEFORE_QUARANTINE = 5
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 30.0
ERROR_TEXT_MAX = 2_000

log = logging.getLogger(__name__)

_LOCK = """
    SELECT shard FROM unnest(%s::int[]) AS shard
    WHERE pg_try_advisory_lock(hashtext('ossrep.outbox.' || %s), shard)
"""
_UNLOCK = """
    SELECT pg_advisory_unlock(hashtext('ossrep.outbox.' || %s), shard)
    FROM unnest(%s::int[]) AS shard
"""
# Both indexes are partial and change their size by the minute, so the planner's statistics are
# never right; without this it reads the whole backlog for each window.
_USE_INDEXES = """
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_sort', 'off', true)
"""
# A quarantined event holds back its own aggregate only.
_WINDOW = """
    WITH held AS MATERIALIZED (
        SELECT aggregate_type, aggregate_id FROM outbox_event WHERE quarantined_at IS NOT NULL
    )
    SELECT w.* FROM unnest(%s::smallint[]) AS s (shard)
    CROSS JOIN LATERAL (
        SELECT e.event_id::text, e.event_type, e.aggregate_type, e.aggregate_id, e.incarnation,
               e.seq, e.payload::text, e.headers::text, e.id, e.shard
        FROM outbox_event e
        WHERE e.shard = s.shard AND e.published_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM held h WHERE h.aggregate_type = e.aggregate_type
                                                 AND h.aggregate_id = e.aggregate_id)
        ORDER BY e.id
        LIMIT %s
    ) AS w
"""
_MARK = """
    UPDATE outbox_event SET published_at = clock_timestamp(), attempts = attempts + 1,
                            last_error = NULL, quarantined_at = NULL
    WHERE id = ANY(%s) AND published_at IS NULL
"""
_FAIL = """
    UPDATE outbox_event SET
        attempts = attempts + 1,
        last_error = %s,
        quarantined_at = CASE WHEN %s AND attempts + 1 >= %s THEN clock_timestamp() END
    WHERE id = %s AND published_at IS NULL
    RETURNING quarantined_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the relay did."""

    published: int
    failed: int
    quarantined: int

    @property
    def is_idle(self) -> bool:
        """True when there was nothing to send."""
        return self.published == 0 and self.failed == 0


class Relay:
    """Relays one context's outbox; any number of them may run at once, in any process."""

    def __init__(
        self,
        *,
        context: str,
        transport: Transport,
        events_per_step: int = EVENTS_PER_STEP_MAX,
        shards: Sequence[int] = range(SHARDS),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.context = context
        self._transport = transport
        self._shards = tuple(shards)
        self._per_shard = max(1, events_per_step // len(self._shards))
        self._monotonic = monotonic
        self._failures_in_a_row: dict[int, int] = {}
        self._not_before: dict[int, float] = {}

    def step(self) -> Step:
        """Publishes one window of every shard that is free and not backing off."""
        now = self._monotonic()
        wanted = [shard for shard in self._shards if self._not_before.get(shard, now) <= now]
        locked = self._lock(wanted)
        if not locked:
            return Step(0, 0, 0)
        try:
            messages = self._window(locked)
            if not messages:
                return Step(0, 0, 0)
            outcome = self._transport.publish(context=self.context, chains=chains_of(messages))
            self._mark(outcome.acked)
            quarantined = sum(self._record(failure) for failure in outcome.failures)
            self._back_off(messages, outcome)
            return Step(len(outcome.acked), len(outcome.failures), quarantined)
        finally:
            self._unlock(locked)

    def seconds_to_wait(self) -> float:
        """How long until a shard that backs off may be tried again; 0 when none does."""
        now = self._monotonic()
        waits = [instant - now for instant in self._not_before.values() if instant > now]
        return min(waits, default=0.0)

    def _lock(self, shards: Sequence[int]) -> list[int]:
        with connections[self.context].cursor() as cursor:
            cursor.execute(_LOCK, [list(shards), self.context])
            return [row[0] for row in cursor.fetchall()]

    def _unlock(self, shards: Sequence[int]) -> None:
        with connections[self.context].cursor() as cursor:
            cursor.execute(_UNLOCK, [self.context, list(shards)])

    def _window(self, shards: Sequence[int]) -> list[Message]:
        with database.transaction(self.context), connections[self.context].cursor() as cursor:
            cursor.execute(_USE_INDEXES)
            cursor.execute(_WINDOW, [list(shards), self._per_shard])
            return [Message(*row) for row in cursor.fetchall()]

    def _mark(self, row_ids: Sequence[int]) -> None:
        if row_ids:
            with connections[self.context].cursor() as cursor:
                cursor.execute(_MARK, [list(row_ids)])

    def _record(self, failure: Failure) -> int:
        with connections[self.context].cursor() as cursor:
            cursor.execute(
                _FAIL,
                [
                    failure.error[:ERROR_TEXT_MAX],
                    failure.permanent,
                    ATTEMPTS_BEFORE_QUARANTINE,
                    failure.message.row_id,
                ],
            )
            row = cursor.fetchone()
        is_quarantined = bool(row and row[0])
        if is_quarantined:
            log.error("%s: event quarantined: %s", self.context, failure.error)
        return int(is_quarantined)

    def _back_off(self, messages: Sequence[Message], outcome: Outcome) -> None:
        failed = {failure.message.shard for failure in outcome.failures}
        for shard in {message.shard for message in messages}:
            if shard not in failed:
                self._failures_in_a_row.pop(shard, None)
                self._not_before.pop(shard, None)
                continue
            count = self._failures_in_a_row.get(shard, 0)
            self._failures_in_a_row[shard] = count + 1
            pause_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(count, 20))
            self._not_before[shard] = self._monotonic() + pause_s


def chains_of(messages: Sequence[Message]) -> list[Chain]:
    """Events grouped by aggregate, each group in the given order."""
    chains: dict[tuple[str, str], list[Message]] = {}
    for message in messages:
        chains.setdefault(message.aggregate, []).append(message)
    return list(chains.values())
