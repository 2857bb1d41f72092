"""``manage.py customer enrollments``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, fields

from ossrep.customer.queries.enrollments import WishLine, list_wishes
from ossrep.infra.commands import OssrepCommand

HELP = "Lists enrollments and move-outs with how far they have come."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--state", help="only those in a state: accepted, completed, ...")
    parser.add_argument("--json", action="store_true", help="one JSON line for each")


def handle(options: Namespace, out: OssrepCommand) -> None:
    lines = list_wishes(state=options.state)
    if options.json:
        for line in lines:
            out.json_line(**asdict(line))
        return
    columns = [field.name for field in fields(WishLine)]
    out.table(columns=columns, rows=[tuple(getattr(o, c) for c in columns) for o in lines])
