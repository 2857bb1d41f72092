"""Messages that came before what they follow: kept in sight, tried again, expired to a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.domain.clocks import chain_due_at
from ossrep.market.domain.order_rules import get_waiting_limit
from ossrep.market.models import Order, WaitingMessage
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.usecases.orders.arriving import Arrived
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key

KIND = "message-waits"
BATCH = 200
BATCHES_MAX = 10_000
WAITING_PER_ORDER_MAX = 1000


def let_wait(*, arrived: Arrived, order: Order | None, now: dt.datetime) -> WaitingMessage:
    """Keeps a message until its turn; the same message again changes nothing."""
    expires_at = chain_due_at(
        start=now,
        hops=[get_waiting_limit(kind=arrived.kind)],
        calendars=get_calendars(),
        tdsp_code=arrived.tdsp_code,
    )
    assert expires_at is not None, "no message waits for ever"
    waiting, _ = WaitingMessage.objects.get_or_create(
        esi_id=arrived.esi_id,
        trigger=arrived.trigger,
        reference=arrived.reference,
        defaults={
            "order": order,
            "kind": arrived.kind,
            "original_reference": arrived.original_reference,
            "inbound_set_id": arrived.inbound_set_id,
            "data": arrived.to_json(),
            "waits_for": _reason(arrived, order),
            "arrived_at": now,
            "expires_at": expires_at,
        },
    )
    return waiting


def take_waiting(*, order: Order) -> Iterator[WaitingMessage]:
    """Messages that wait for this order, locked, in the order they came."""
    rows = WaitingMessage.objects.select_for_update().filter(order=order, state="waiting")
    yield from rows.order_by("pk")[:WAITING_PER_ORDER_MAX]


def expire_waiting(*, as_of: dt.datetime) -> int:
    """Messages whose time is over become work items, once; how many that were.

    A message still finds its order after that: only nobody is asked a second time.
    """
    expired = 0
    for _ in range(BATCHES_MAX):
        with transaction():
            due = WaitingMessage.objects.select_for_update(skip_locked=True).filter(
                state="waiting", expires_at__lt=as_of, told_at=None
            )
            batch = list(due.order_by("expires_at", "pk")[:BATCH])
            for waiting in batch:
                _tell(waiting, as_of)
        if not batch:
            break
        expired += len(batch)
    return expired


class NotWaiting(DomainError):
    """A message that does not wait (any more)."""

    code = "not_waiting"


def lay_aside(*, message_ids: Sequence[int], now: dt.datetime) -> None:
    """Messages that are not ours wait no longer; they stay on record. Raises NotWaiting."""
    with transaction():
        rows = list(
            WaitingMessage.objects.select_for_update()
            .filter(pk__in=message_ids, state="waiting")
            .order_by("pk")
        )
        missing = sorted(set(message_ids) - {row.pk for row in rows})
        if missing:
            raise NotWaiting(f"no message waits under {', '.join(map(str, missing))}")
        for row in rows:
            settle(row, "laid_aside", now)


def settle(waiting: WaitingMessage, state: str, now: dt.datetime) -> None:
    """A locked message waits no longer; nobody needs to look for its place."""
    waiting.state, waiting.settled_at = state, now
    waiting.save(update_fields=["state", "settled_at"])
    resolve_by_key(kind=KIND, key=_key(waiting), resolution=f"it is {state}", now=now)


def _key(waiting: WaitingMessage) -> str:
    return f"waiting-message:{waiting.pk}"


def _tell(waiting: WaitingMessage, as_of: dt.datetime) -> None:
    waiting.told_at = as_of
    waiting.save(update_fields=["told_at"])
    arrived = Arrived.from_json(waiting.data)
    said = f" It says: {arrived.reason_text}." if arrived.reasons else ""
    open_work_item(
        kind=KIND,
        key=_key(waiting),
        title=f"{waiting.trigger} of ESI ID {waiting.esi_id} finds no place",
        text=(
            f"{waiting.trigger} {waiting.reference} waits since it came for "
            f"{waiting.waits_for}.{said} Ask ERCOT for what is missing (find transactions by ESI "
            "ID), or, where the message is not ours, lay it aside."
        ),
        esi_id=waiting.esi_id,
        tdsp_code=arrived.tdsp_code,
        order_id=waiting.order_id,
        inbound_set_id=waiting.inbound_set_id,
        reference=waiting.original_reference or waiting.reference,
        now=as_of,
        due_at=waiting.expires_at,
    )


def _reason(arrived: Arrived, order: Order | None) -> str:
    if order is not None:
        return f"{order}, which is {order.state}"
    if arrived.original_reference:
        return f"an order {arrived.original_reference} of ESI ID {arrived.esi_id}"
    return f"an order of ESI ID {arrived.esi_id}"
