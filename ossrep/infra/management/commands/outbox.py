"""``manage.py outbox``: looks after outboxes and inboxes."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.database import installed
from ossrep.infra.feeds import reading
from ossrep.infra.inbox import find_consumers
from ossrep.infra.inbox.parking import NotParked, unpark
from ossrep.infra.outbox import keeping
from ossrep.infra.outbox.running import prune_all
from ossrep.kernel.errors import DomainError


class Command(OssrepCommand):
    """Status, replay, un-park, prune, and what a restore asks for."""

    help = "Shows and mends outboxes and inboxes."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        status = actions.add_parser("status", help="what waits, fails, is quarantined or parked")
        status.add_argument("--json", action="store_true")
        retry = actions.add_parser("retry", help="try quarantined events again")
        replay = actions.add_parser("replay", help="publish an aggregate's kept events anew")
        replay.add_argument("--from-seq", type=int, default=1)
        unparking = actions.add_parser("unpark", help="let a parked aggregate go on")
        unparking.add_argument("--accept-hole", action="store_true", help="give up what is missing")
        restored = actions.add_parser(
            "begin-incarnation",
            help="after a restore, before anything writes: see docs/messaging.md",
        )
        actions.add_parser("prune", help="delete events published more than 14 days ago")
        actions.add_parser("accept-partitions", help="record the topics' present partitions")
        for with_context in (retry, replay, unparking, restored):
            with_context.add_argument("context", choices=installed())
        for with_aggregate in (replay, unparking):
            with_aggregate.add_argument("aggregate", help="TYPE:ID, as account:17")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['action'].replace('-', '_')}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        depths = [keeping.depth(context=context) for context in installed()]
        if options["json"]:
            for depth in depths:
                self.json_line(**dataclasses.asdict(depth))
            return
        self.table(
            columns=[
                "context",
                "unpublished",
                "oldest",
                "failing",
                "quarantined",
                "published, kept",
                "parked aggregates",
                "parked events",
            ],
            rows=[
                [
                    f"{v:%Y-%m-%d %H:%M:%SZ}" if k == "oldest_unpublished_at" and v else v
                    for k, v in d
                ]
                for d in (dataclasses.asdict(depth).items() for depth in depths)
            ],
        )

    def _retry(self, options: dict[str, Any]) -> None:
        count = keeping.retry_quarantined(context=options["context"])
        self.stdout.write(f"{count} events are no longer quarantined; the relay tries them again")

    def _replay(self, options: dict[str, Any]) -> None:
        kind, _, key = options["aggregate"].partition(":")
        count = keeping.replay(
            context=options["context"],
            aggregate_type=kind,
            aggregate_id=key,
            from_seq=options["from_seq"],
        )
        self.stdout.write(f"{count} events will be published anew")

    def _unpark(self, options: dict[str, Any]) -> None:
        kind, _, key = options["aggregate"].partition(":")
        consumer = next(iter(find_consumers(contexts=[options["context"]])), None)
        if consumer is None:
            raise NotParked("this context handles no event", where=options["context"])
        applied = unpark(
            consumer=consumer,
            aggregate_type=kind,
            aggregate_id=key,
            accept_hole=options["accept_hole"],
        )
        self.stdout.write(f"{applied.handled + applied.passed} applied, {applied.parked} parked")
        for problem in applied.problems:
            self.stderr.write(problem)

    def _begin_incarnation(self, options: dict[str, Any]) -> None:
        number = keeping.begin_new_incarnation(context=options["context"])
        self.stdout.write(f"new events of {options['context']} carry incarnation {number}")
        count = reading.reset_after_restore(context=options["context"])
        self.stdout.write(f"{count} changed rows come again; readers of feeds begin anew")

    def _prune(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{prune_all(contexts=installed())} events deleted")

    def _accept_partitions(self, options: dict[str, Any]) -> None:
        from ossrep.infra.outbox.topics import accept_partitions

        bootstrap = settings.OSSREP_KAFKA_BOOTSTRAP
        if not bootstrap:
            raise DomainError("OSSREP_KAFKA_BOOTSTRAP is not set")
        for topic, count in accept_partitions(bootstrap=bootstrap, contexts=installed()).items():
            self.stdout.write(f"{topic}: {count} partitions")
