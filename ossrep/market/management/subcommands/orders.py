"""``manage.py market orders``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.queries.orders import list_orders

HELP = "Orders, newest first: open ones, or all of a service point."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--esi-id", default="", help="only of this service point")
    parser.add_argument("--kind", default="", help="switch, move_in, move_out, cancel, ...")
    parser.add_argument("--state", default="", help="sent, scheduled, rejected, ...")
    parser.add_argument("--all", action="store_true", help="closed ones, too")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="one JSON line for each order")


def handle(options: Namespace, out: OssrepCommand) -> None:
    lines = list_orders(
        esi_id=options.esi_id,
        kind=options.kind,
        state=options.state,
        is_open=None if options.all or options.state else True,
        limit=options.limit,
    )
    if options.json:
        for line in lines:
            out.json_line(**dataclasses.asdict(line))
        return
    out.table(
        columns=["number", "kind", "state", "ESI ID", "asked for", "scheduled", "effective"],
        rows=[
            (
                line.reference,
                line.kind,
                line.state,
                line.esi_id,
                line.requested_date or "",
                line.scheduled_date or "",
                line.effective_date or "",
            )
            for line in lines
        ],
    )
