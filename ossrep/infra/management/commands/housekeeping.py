"""``manage.py housekeeping``: what the relay sweeps every few minutes, at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ossrep.infra import housekeeping
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock


class Command(OssrepCommand):
    """A line for each kind of row, with how many were deleted."""

    help = (
        "Deletes ended revocations, old answers of calls, sign-ins, codes, links, failures and "
        "browser sessions. The relay does the same by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        gone = housekeeping.sweep(as_of=clock.now())
        if options["json"]:
            self.json_line(**{kind.replace(" ", "_"): count for kind, count in gone.items()})
        else:
            self.table(columns=["kind", "deleted"], rows=[list(row) for row in gone.items()])
