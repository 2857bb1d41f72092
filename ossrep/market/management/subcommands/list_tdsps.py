"""``manage.py market list-tdsps``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.queries.tdsps import list_tdsps

HELP = "Lists the TDSPs."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON line for each TDSP")


def handle(options: Namespace, out: OssrepCommand) -> None:
    tdsps = list_tdsps()
    if options.json:
        for tdsp in tdsps:
            out.json_line(**dataclasses.asdict(tdsp))
        return
    out.table(
        columns=["code", "name", "DUNS", "outage phone"],
        rows=[(t.code, t.name, t.duns, t.outage_phone) for t in tdsps],
    )
