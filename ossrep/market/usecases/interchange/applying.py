"""Applies sets through the handlers of their kinds, each whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from django.db import InterfaceError, OperationalError

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.items import TEXT_CHARS_MAX, Item, clean, unexpected
from ossrep.market.usecases.receiving import (
    Handler,
    InboundSetId,
    Outcome,
    Received,
    TogetherHandler,
)

SETS_TOGETHER = 100
NO_HANDLER = "no_handler"

FindHandler = Callable[..., Handler | None]
Handlers = dict[str, Handler | None]

log = logging.getLogger(__name__)

TRANSIENT = (OperationalError, InterfaceError)
"""What heals: the whole file is tried again, so that no set is parked for a lost connection."""


def apply_items(
    *,
    items: Sequence[Item],
    find_handler: FindHandler = receiving.find_handler,
) -> None:
    """Gives every item that has none its outcome, in the caller's transaction.

    Sets share a savepoint as long as none fails; where one does, all since the savepoint are
    undone and applied anew with a savepoint for each, so that a failure undoes its own set only.
    """
    handlers: Handlers = {}
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
        _apply_together(waiting[start : start + SETS_TOGETHER], handlers)


def _apply_together(items: Sequence[Item], handlers: Handlers) -> None:
    try:
        with transaction():
            outcomes = list(_call_runs(items, handlers))
            _check_constraints()
    except TRANSIENT:
        raise
    except Exception as error:
        if not isinstance(error, DomainError):
            # Alone they may all pass; then nothing else would tell why it takes so long.
            log.warning("%s sets failed together (%r); one by one now", len(items), error)
        for item in items:
            _apply_alone(item, handlers)
    else:
        for item, outcome in zip(items, outcomes, strict=True):
            item.settle(outcome, needs_person=False)
            item.was_handled = True


def _apply_alone(item: Item, handlers: Handlers) -> None:
    try:
        with transaction():
            [outcome] = _call_runs([item], handlers)
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


def _call_runs(items: Sequence[Item], handlers: Handlers) -> Iterator[Outcome]:
    """The outcomes in order; sets of one kind that follow each other go together where they can."""
    for kind, run in groupby(items, key=lambda item: item.kind):
        handler = handlers[kind]
        assert handler is not None
        received = [_received(item) for item in run]
        if isinstance(handler, TogetherHandler):
            yield from handler.take_together(received)
        else:
            yield from map(handler, received)


def _received(item: Item) -> Received:
    assert item.transaction is not None
    assert item.received_at is not None
    return Received(
        inbound_set_id=InboundSetId(item.set_id),
        transaction=item.transaction,
        partner=item.partner,
        received_at=item.received_at,
    )
