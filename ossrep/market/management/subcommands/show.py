"""``manage.py market show``."""

from __future__ import annotations

import dataclasses
import sys
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.queries.interchange.showing import show
from ossrep.market.usecases.interchange.raw import raw_of

HELP = (
    "Shows what the mailroom knows of a reference, an ESI ID, file:N, set:N, message:N or group:N."
)
_COLUMNS = ("", "what", "name", "partner", "reference", "ESI ID", "state", "told")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("wanted", metavar="WHAT", help="reference, ESI ID, file:N, set:N, ...")
    parser.add_argument("--raw", action="store_true", help="the bytes of file:N, set:N or group:N")
    parser.add_argument("--json", action="store_true", help="one JSON line for each thing")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.raw:
        sys.stdout.buffer.write(raw_of(wanted=options.wanted))
        sys.stdout.buffer.flush()
        return
    rows = show(wanted=options.wanted)
    if options.json:
        for row in rows:
            out.json_line(**dataclasses.asdict(row))
        return
    out.table(
        columns=["when (Central)", *_COLUMNS],
        rows=[
            (
                *(local_text(row.at), row.way, row.what, row.name, row.partner),
                *(row.reference, row.esi_id, row.state, row.told),
            )
            for row in rows
        ],
    )
