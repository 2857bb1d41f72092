"""Runs relays: for ever, once, or until the outboxes are empty."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connections

from ossrep.infra.outbox import keeping
from ossrep.infra.outbox.relay import BACKOFF_MAX_S, EVENTS_PER_STEP_MAX, Relay, Step
from ossrep.infra.outbox.transports import Transport
from ossrep.kernel.errors import DomainError

POLL_S = 0.2
PRUNE_EVERY_S = 3600.0

log = logging.getLogger(__name__)


class OutboxNotEmptied(DomainError):
    """Events remain that could not be published in the given time."""

    code = "outbox_not_emptied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How to run: what to stop at, and whom to tell of each step that did something."""

    until_empty: bool = False
    timeout_s: float | None = None
    events_per_step: int = EVENTS_PER_STEP_MAX
    should_stop: Callable[[], bool] = lambda: False
    on_step: Callable[[str, Step], None] = lambda context, step: None


def run_relay(*, contexts: Sequence[str], transport: Transport, how: Running) -> int:
    """Relays the contexts' outboxes; returns the number of events published.

    With ``until_empty`` it ends when nothing publishable is left, and raises
    ``OutboxNotEmptied`` when ``timeout_s`` runs out before. Lost database connections are opened
    anew; what ``TransportFailed`` says is left to the supervisor.
    """
    relays = [
        Relay(context=context, transport=transport, events_per_step=how.events_per_step)
        for context in contexts
    ]
    started = time.monotonic()
    pruned = started - PRUNE_EVERY_S
    published = 0
    pause_s = POLL_S
    while not how.should_stop():
        try:
            count = sum(_step(relay, how) for relay in relays)
            published += count
            pause_s = POLL_S
            if count == 0:
                if how.until_empty and all(keeping.is_empty(context=c) for c in contexts):
                    break
                if not how.until_empty and time.monotonic() - pruned >= PRUNE_EVERY_S:
                    pruned = time.monotonic()
                    prune_all(contexts=contexts)
                time.sleep(POLL_S)
        except (OperationalError, InterfaceError) as error:
            log.warning("the database does not answer: %s; again in %.1f s", error, pause_s)
            for context in contexts:
                connections[context].close()
            time.sleep(pause_s)
            pause_s = min(BACKOFF_MAX_S, pause_s * 2)
        if how.timeout_s is not None and time.monotonic() - started > how.timeout_s:
            raise OutboxNotEmptied(
                f"not empty after {how.timeout_s:g} s; see: manage.py outbox status"
            )
    return published


def prune_all(*, contexts: Sequence[str]) -> int:
    """Deletes what every outbox need not keep any longer."""
    return sum(keeping.prune(context=context) for context in contexts)


def _step(relay: Relay, how: Running) -> int:
    step = relay.step()
    if not step.is_idle:
        how.on_step(relay.context, step)
    return step.published
