"""``manage.py relay``: takes events from the outboxes to Kafka or to the handlers in process."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ossrep.infra.commands import Advance, OssrepCommand
from ossrep.infra.database import installed
from ossrep.infra.inbox import find_consumers
from ossrep.infra.outbox.relay import EVENTS_PER_STEP_MAX, Step
from ossrep.infra.outbox.running import (
    THREADS_DEFAULT,
    Running,
    prune_all,
    run_relay,
    run_relay_in_threads,
)
from ossrep.infra.outbox.transports import InProcessTransport
from ossrep.infra.outbox.writing import SHARDS
from ossrep.infra.signals import stopping
from ossrep.kernel import clock
from ossrep.kernel.market_time import MARKET_ZONE


class Command(OssrepCommand):
    """Runs until it is stopped, or until the outboxes are empty."""

    help = (
        "Publishes the events of the outboxes in order: to Kafka where OSSREP_KAFKA_BOOTSTRAP is "
        "set, else to the handlers in this process. Any number may run at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--context", action="append", choices=installed(), help="only this one (repeatable)"
        )
        parser.add_argument("--until-empty", action="store_true", help="end when nothing is left")
        parser.add_argument(
            "--once", action="store_true", help="the same as --until-empty --timeout 60"
        )
        parser.add_argument("--timeout", type=float, help="give up after so many seconds")
        parser.add_argument(
            "--threads",
            type=int,
            default=THREADS_DEFAULT,
            choices=range(1, SHARDS + 1),
            metavar="N",
            help=f"with Kafka; 1 to {SHARDS}",
        )
        parser.add_argument("--events-per-step", type=int, default=EVENTS_PER_STEP_MAX)
        parser.add_argument(
            "--as-of",
            type=dt.datetime.fromisoformat,
            metavar="WHEN",
            help="in process: handlers act as if it were then, Central time; for training",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        contexts = options["context"] or list(installed())
        is_once = options["once"]
        with stopping() as should_stop, self.progress("events published") as advance:
            how = Running(
                until_empty=options["until_empty"] or is_once,
                timeout_s=options["timeout"] or (60.0 if is_once else None),
                events_per_step=options["events_per_step"],
                should_stop=should_stop,
                on_step=lambda context, step: self._tell(context, step, advance),
            )
            bootstrap = settings.OSSREP_KAFKA_BOOTSTRAP
            if bootstrap:
                self._to_kafka(bootstrap, contexts, how, options["threads"])
            else:
                as_of = options["as_of"]
                if as_of is not None and as_of.tzinfo is None:
                    as_of = as_of.replace(tzinfo=MARKET_ZONE)
                with clock.standing_at(as_of):
                    self._in_process(contexts, how)
        if how.until_empty:
            prune_all(contexts=contexts)

    def _to_kafka(self, bootstrap: str, contexts: list[str], how: Running, threads: int) -> None:
        # Loaded only where Kafka is used.
        from ossrep.infra.outbox.kafka import KafkaTransport
        from ossrep.infra.outbox.topics import prepare_topics

        prepare_topics(bootstrap=bootstrap, contexts=contexts)
        run_relay_in_threads(
            contexts=contexts,
            make_transport=lambda: KafkaTransport(bootstrap=bootstrap),
            how=how,
            threads=threads,
        )

    def _in_process(self, contexts: list[str], how: Running) -> None:
        transport = InProcessTransport(consumers=find_consumers())
        run_relay(contexts=contexts, transport=transport, how=how)
        for problem in transport.applied.problems:
            self.stderr.write(f"parked: {problem}")

    def _tell(self, context: str, step: Step, advance: Advance) -> None:
        advance(step.published)
        if step.failed:
            self.stderr.write(
                f"{context}: {step.failed} events not taken, {step.quarantined} of them "
                "quarantined; see: manage.py outbox status"
            )
