"""Applies sets through the handlers of their kinds, each whole or not at all."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.items import TEXT_CHARS_MAX, Item, clean, unexpected
from ossrep.market.usecases.receiving import Handler, InboundSetId, Outcome, Received

SETS_TOGETHER = 25
NO_HANDLER = "no_handler"

FindHandler = Callable[..., Handler | None]

log = logging.getLogger(__name__)

TRANSIENT = (OperationalError, InterfaceError)
"""What heals: the whole file is tried again, so that no set is parked for a lost connection."""


def apply_items(
    *,
    items: Sequence[Item],
    partner: str,
    received_at: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> None:
    """Gives every item that has none its outcome, in the caller's transaction.

    Sets share a savepoint as long as none fails; where one does, all since the savepoint are
    undone and applied anew with a savepoint for each, so that a failure undoes its own set only.
    """
    handlers: dict[str, Handler | None] = {}
    waiting = []
    for item in items:
        if item.outcome is not None:
            continue
        if item.kind not in handlers:
            handlers[item.kind] = find_handler(kind=item.kind)
        if handlers[item.kind] is None:
            text = f"nothing here handles a {item.kind}"
            item.settle(Outcome(state="parked", code=NO_HANDLER, text=text), needs_person=True)
        else:
            waiting.append(item)
    for start in range(0, len(waiting), SETS_TOGETHER):
        _apply_together(waiting[start : start + SETS_TOGETHER], handlers, partner, received_at)


def _apply_together(
    items: Sequence[Item],
    handlers: dict[str, Handler | None],
    partner: str,
    received_at: dt.datetime,
) -> None:
    try:
        with transaction():
            outcomes = [_call(item, handlers, partner, received_at) for item in items]
            _check_constraints()
    except TRANSIENT:
        raise
    except Exception:
        for item in items:
            _apply_alone(item, handlers, partner, received_at)
    else:
        for item, outcome in zip(items, outcomes, strict=True):
            item.settle(outcome, needs_person=False)
            item.was_handled = True


def _apply_alone(
    item: Item, handlers: dict[str, Handler | None], partner: str, received_at: dt.datetime
) -> None:
    try:
        with transaction():
            outcome = _call(item, handlers, partner, received_at)
            _check_constraints()
    except TRANSIENT:
        raise
    except DomainError as error:
        text = clean(str(error), TEXT_CHARS_MAX)
        item.settle(Outcome(state="parked", code=error.code, text=text), needs_person=True)
    except Exception as error:
        log.exception("set %s: the handler of %s failed", item.set_id, item.kind)
        item.settle(unexpected(error), needs_person=True)
    else:
        item.settle(outcome, needs_person=False)
        item.was_handled = True


def _check_constraints() -> None:
    """Deferred constraints fail here, at the set that breaks them, not at the file's commit."""
    with connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _call(
    item: Item, handlers: dict[str, Handler | None], partner: str, received_at: dt.datetime
) -> Outcome:
    handler = handlers[item.kind]
    assert handler is not None
    assert item.transaction is not None
    return handler(
        Received(
            inbound_set_id=InboundSetId(item.set_id),
            transaction=item.transaction,
            partner=partner,
            received_at=received_at,
        )
    )
