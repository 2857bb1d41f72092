"""Lets a parked aggregate go on, after a person mended the cause."""

from __future__ import annotations

from django.db import connections

from ossrep.infra import database
from ossrep.infra.inbox.applying import Applied, apply
from ossrep.infra.inbox.discovery import Consumer
from ossrep.infra.outbox.messages import Message
from ossrep.kernel.errors import DomainError

EVENTS_PER_UNPARK_MAX = 10_000


class NotParked(DomainError):
    """There is nothing parked for this aggregate."""

    code = "not_parked"


def unpark(
    *, consumer: Consumer, aggregate_type: str, aggregate_id: str, accept_hole: bool = False
) -> Applied:
    """Replays an aggregate's kept events in order; what fails again stays parked.

    With ``accept_hole`` the missing numbers before the first kept event are given up: for
    an operator who has seen to it that nothing of them is needed.
    """
    key = [consumer.name, aggregate_type, aggregate_id]
    with database.transaction(consumer.context), connections[consumer.context].cursor() as cursor:
        cursor.execute(
            "UPDATE inbox_stream SET parked = false "
            "WHERE consumer = %s AND aggregate_type = %s AND aggregate_id = %s AND parked "
            "RETURNING incarnation",
            key,
        )
        if cursor.fetchone() is None:
            raise NotParked("nothing is parked", where=f"{aggregate_type}:{aggregate_id}")
        cursor.execute(
            "WITH taken AS (DELETE FROM inbox_parked WHERE consumer = %s AND aggregate_type = %s "
            "AND aggregate_id = %s RETURNING *) "
            "SELECT event_id::text, event_type, aggregate_type, aggregate_id, incarnation, seq, "
            "payload::text, headers::text FROM taken ORDER BY incarnation, seq LIMIT %s",
            [*key, EVENTS_PER_UNPARK_MAX + 1],
        )
        messages = [Message(*row) for row in cursor.fetchall()]
        if len(messages) > EVENTS_PER_UNPARK_MAX:
            raise NotParked(
                f"more than {EVENTS_PER_UNPARK_MAX} events are kept; replay the outbox instead",
                where=f"{aggregate_type}:{aggregate_id}",
            )
        if accept_hole and messages:
            cursor.execute(
                "UPDATE inbox_stream SET incarnation = %s, last_seq = %s "
                "WHERE consumer = %s AND aggregate_type = %s AND aggregate_id = %s",
                [messages[0].incarnation, messages[0].seq - 1, *key],
            )
        outcome = Applied()
        for message in messages:
            outcome.add(apply(consumer=consumer, messages=[message]))
        return outcome
