"""How many events a second one relay takes to a real Kafka, ordered per aggregate."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import connections

from bench.database import scratch_database
from bench.figures import BenchCannotRun, Figure
from deploy.kafka import KafkaNode, KafkaUnavailable, fetch
from ossrep.infra import database
from ossrep.infra.outbox import append_many
from ossrep.infra.outbox.kafka import KafkaTransport
from ossrep.infra.outbox.running import THREADS_DEFAULT, Running, run_relay_in_threads
from ossrep.infra.outbox.topics import prepare_topics

EVENTS = 100_000
EVENTS_QUICK = 10_000
AGGREGATES_SHARE = 4
"""Events per aggregate: an account with a few facts waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An event of the usual size."""

    event_type: ClassVar[str] = "billing.measured.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    invoice_number: str
    amount_usd: str
    note: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


def run(*, quick: bool) -> list[Figure]:
    """Fills an outbox, then relays it; the clock runs from the first to the last mark."""
    count = EVENTS_QUICK if quick else EVENTS
    try:
        jars = fetch(home=Path(settings.VAR_DIR) / "kafka")
    except KafkaUnavailable as reason:
        raise BenchCannotRun(str(reason)) from reason
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        node = KafkaNode(jars=jars, folder=Path(folder))
        node.start()
        try:
            writing_s = _fill(count)
            relaying_s = _relay(node.bootstrap, count)
        finally:
            node.stop()
    size = f"{count:,} events of {count // AGGREGATES_SHARE:,} aggregates"
    return [
        Figure(
            name="outbox relay to a real Kafka, ordered per aggregate",
            value=count / relaying_s,
            unit="events/s",
            bar=5_000,
            aim=15_000,
            note=f"{size}, one relay process",
        ),
        Figure(
            name="outbox append, chunks of 2,000, committed",
            value=count / writing_s,
            unit="events/s",
            bar=10_000,
            aim=40_000,
            note=f"{size}, one process",
        ),
    ]


def _fill(count: int) -> float:
    accounts = count // AGGREGATES_SHARE
    events = [
        Measured(
            account_id=number % accounts,
            account_number=f"{number % accounts:010}",
            invoice_number=f"INV-{number:010}",
            amount_usd=f"{number % 30000 / 100:.2f}",
            note="a line of text as long as what an event may carry for a reader, and a bit more",
        )
        for number in range(count)
    ]
    started = time.perf_counter()
    for chunk in _chunks(events, 2_000):
        with database.transaction("billing"):
            append_many(context="billing", events=chunk)
    return time.perf_counter() - started


def _chunks(events: list[Measured], size: int) -> list[list[Measured]]:
    return [events[start : start + size] for start in range(0, len(events), size)]


def _relay(bootstrap: str, count: int) -> float:
    prepare_topics(bootstrap=bootstrap, contexts=["billing"])
    started = time.perf_counter()
    published = run_relay_in_threads(
        contexts=["billing"],
        make_transport=lambda: KafkaTransport(bootstrap=bootstrap),
        how=Running(until_empty=True, timeout_s=600),
        threads=THREADS_DEFAULT,
    )
    elapsed_s = time.perf_counter() - started
    with connections["billing"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_event WHERE published_at IS NULL")
        assert cursor.fetchone() == (0,)
    assert published == count
    return elapsed_s
