"""``manage.py relay``: takes events from the outboxes to Kafka or to the handlers in process."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.database import CONTEXTS
from ossrep.infra.inbox import find_consumers
from ossrep.infra.outbox.relay import EVENTS_PER_STEP_MAX, Step
from ossrep.infra.outbox.running import Running, prune_all, run_relay
from ossrep.infra.outbox.transports import InProcessTransport, Transport
from ossrep.infra.signals import stopping


class Command(OssrepCommand):
    """Runs until it is stopped, or until the outboxes are empty."""

    help = (
        "Publishes the events of the outboxes in order: to Kafka where OSSREP_KAFKA_BOOTSTRAP is "
        "set, else to the handlers in this process. Any number may run at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--context", action="append", choices=CONTEXTS, help="only this one (repeatable)"
        )
        parser.add_argument("--until-empty", action="store_true", help="end when nothing is left")
        parser.add_argument(
            "--once", action="store_true", help="the same as --until-empty --timeout 60"
        )
        parser.add_argument("--timeout", type=float, help="give up after so many seconds")
        parser.add_argument("--events-per-step", type=int, default=EVENTS_PER_STEP_MAX)

    def handle(self, *args: Any, **options: Any) -> None:
        contexts = options["context"] or list(CONTEXTS)
        is_once = options["once"]
        transport = make_transport(contexts=contexts)
        with stopping() as should_stop, self.progress("events published") as advance:

            def tell(context: str, step: Step) -> None:
                advance(step.published)
                if step.failed:
                    self.stderr.write(
                        f"{context}: {step.failed} events not taken, {step.quarantined} of them "
                        "quarantined; see: manage.py outbox status"
                    )

            try:
                run_relay(
                    contexts=contexts,
                    transport=transport,
                    how=Running(
                        until_empty=options["until_empty"] or is_once,
                        timeout_s=options["timeout"] or (60.0 if is_once else None),
                        events_per_step=options["events_per_step"],
                        should_stop=should_stop,
                        on_step=tell,
                    ),
                )
            finally:
                transport.close()
        if options["until_empty"] or is_once:
            prune_all(contexts=contexts)
        if isinstance(transport, InProcessTransport):
            for problem in transport.applied.problems:
                self.stderr.write(f"parked: {problem}")


def make_transport(*, contexts: list[str]) -> Transport:
    """The transport the settings name."""
    bootstrap = settings.OSSREP_KAFKA_BOOTSTRAP
    if not bootstrap:
        return InProcessTransport(consumers=find_consumers())
    from ossrep.infra.outbox.kafka import KafkaTransport
    from ossrep.infra.outbox.topics import prepare_topics

    prepare_topics(bootstrap=bootstrap, contexts=contexts)
    return KafkaTransport(bootstrap=bootstrap)
