"""Runs relays: for ever, once, or until the outboxes are empty."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connections

from ossrep.infra import housekeeping
from ossrep.infra.outbox import keeping
from ossrep.infra.outbox.relay import BACKOFF_MAX_S, EVENTS_PER_STEP_MAX, Relay, Step
from ossrep.infra.outbox.transports import Transport
from ossrep.infra.outbox.writing import SHARDS
from ossrep.kernel.errors import DomainError

POLL_S = 0.2
PRUNE_EVERY_S = 3600.0
THREADS_DEFAULT = 2

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


def run_relay(
    *,
    contexts: Sequence[str],
    transport: Transport,
    how: Running,
    shards: Sequence[int] = range(SHARDS),
) -> int:
    """Relays the contexts' outboxes; returns the number of events published.

    With ``until_empty`` it ends when nothing publishable is left, and raises
    ``OutboxNotEmptied`` when ``timeout_s`` runs out before. Lost database connections are opened
    anew; what ``TransportFailed`` says is left to the supervisor.
    """
    relays = [
        Relay(
            context=context,
            transport=transport,
            events_per_step=how.events_per_step,
            shards=shards,
        )
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
                if how.until_empty and all(
                    keeping.is_empty(context=context, shards=shards) for context in contexts
                ):
                    break
                is_due = time.monotonic() - pruned >= PRUNE_EVERY_S
                # One of several threads does it for all.
                if not how.until_empty and 0 in shards and is_due:
                    pruned = time.monotonic()
                    prune_all(contexts=contexts)
                    _keep_house()
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


def run_relay_in_threads(
    *,
    contexts: Sequence[str],
    make_transport: Callable[[], Transport],
    how: Running,
    threads: int,
) -> int:
    """``run_relay`` with the shards dealt out to threads; returns the events published.

    While one waits for the broker another reads or marks. Each thread has its own transport and
    database connections. What one raises ends all.
    """
    failed = threading.Event()
    lock = threading.Lock()

    def tell(context: str, step: Step) -> None:
        with lock:
            how.on_step(context, step)

    part = dataclasses.replace(
        how,
        events_per_step=max(1, how.events_per_step // threads),
        should_stop=lambda: failed.is_set() or how.should_stop(),
        on_step=tell,
    )

    def work(number: int) -> int:
        transport = make_transport()
        try:
            shards = range(number, SHARDS, threads)
            return run_relay(contexts=contexts, transport=transport, how=part, shards=shards)
        except BaseException:
            failed.set()
            raise
        finally:
            transport.close()
            for alias in contexts:
                connections[alias].close()

    with ThreadPoolExecutor(threads, thread_name_prefix="relay") as pool:
        return sum(pool.map(work, range(threads)))


def _keep_house() -> None:
    try:
        housekeeping.sweep(as_of=housekeeping.server_time())
    finally:
        # Not asked again for an hour; and the thread's caller knows of the contexts' only.
        connections["default"].close()


def prune_all(*, contexts: Sequence[str]) -> int:
    """Deletes what every outbox need not keep any longer."""
    return sum(keeping.prune(context=context) for context in contexts)


def _step(relay: Relay, how: Running) -> int:
    step = relay.step()
    if not step.is_idle:
        how.on_step(relay.context, step)
    return step.published
