"""``manage.py product list``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.product.queries.plan_list import list_plans

HELP = "Lists plans with their drafts and versions."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON line for each version")


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows = list_plans()
    if options.json:
        for row in rows:
            out.json_line(**dataclasses.asdict(row))
        return
    columns = ["plan", "version", "status", "brand", "name", "type", "class", "months"]
    out.table(columns=columns, rows=[dataclasses.astuple(row) for row in rows])
