"""``manage.py consume``: applies other contexts' events from Kafka."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.database import installed
from ossrep.infra.inbox import Applied, find_consumers
from ossrep.infra.inbox.consuming import Consuming, consume
from ossrep.infra.signals import stopping
from ossrep.kernel.errors import DomainError


class NothingToConsume(DomainError):
    """Kafka is not configured, or no context named handles any event."""

    code = "nothing_to_consume"


class Command(OssrepCommand):
    """Runs until it is stopped, or until nothing comes any more."""

    help = "Applies events from Kafka (OSSREP_KAFKA_BOOTSTRAP) in the contexts that handle them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--context", action="append", choices=installed(), help="only this one (repeatable)"
        )
        parser.add_argument(
            "--until-idle", type=float, metavar="SECONDS", help="end when nothing came for so long"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bootstrap = settings.OSSREP_KAFKA_BOOTSTRAP
        if not bootstrap:
            raise NothingToConsume(
                "OSSREP_KAFKA_BOOTSTRAP is not set; without Kafka the relay delivers in process"
            )
        consumers = find_consumers(contexts=options["context"] or installed())
        if not consumers:
            raise NothingToConsume("none of these contexts handles any event")
        with stopping() as should_stop, self.progress("events applied") as advance:

            def tell(consumer: str, applied: Applied) -> None:
                advance(applied.handled + applied.passed)
                for problem in applied.problems:
                    self.stderr.write(f"{consumer} parked: {problem}")

            consume(
                consumers=consumers,
                bootstrap=bootstrap,
                how=Consuming(
                    until_idle_s=options["until_idle"], should_stop=should_stop, on_batch=tell
                ),
            )
