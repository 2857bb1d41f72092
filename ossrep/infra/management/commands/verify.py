"""``manage.py verify``: the invariants of every context."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from ossrep.infra import invariants
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.database import installed


class Command(OssrepCommand):
    """Status 1 and the first rows of each breach where something does not hold."""

    help = "Checks what must always hold: ledger, invoices, intervals, outboxes, and across them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--context", action="append", choices=installed())
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        contexts = options["context"] or installed()
        verdicts = invariants.verify(contexts=contexts)
        if options["json"]:
            for v in verdicts:
                self.json_line(context=v.context, name=v.name, holds=v.holds, breaches=v.breaches)
        else:
            self.table(
                columns=["context", "invariant", "holds", "rule"],
                rows=[[v.context, v.name, "yes" if v.holds else "NO", v.rule] for v in verdicts],
            )
        broken = [v for v in verdicts if not v.holds]
        for verdict in broken:
            self.stderr.write(f"{verdict.context}: {verdict.name}: {verdict.rule}")
            for row in verdict.breaches:
                self.stderr.write(f"  {', '.join(map(str, row))}")
        if broken:
            sys.exit(1)
