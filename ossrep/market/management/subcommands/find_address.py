"""``manage.py market find-address``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.queries.address_search import search_addresses

HELP = "Finds service points by a typed address; typing errors are forgiven."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="number and street, then unit, city, ZIP")
    parser.add_argument("--zip", default=None, help="five digits or ZIP+4, where known")
    parser.add_argument("--limit", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="one JSON line for each")


def handle(options: Namespace, out: OssrepCommand) -> None:
    found = search_addresses(text=options.text, zip_code=options.zip, limit=options.limit)
    if options.json:
        for one in found:
            out.json_line(score=one.score, **dataclasses.asdict(one.point))
        return
    out.table(
        columns=["score", "ESI ID", "TDSP", "status", "street", "unit", "city", "ZIP"],
        rows=[
            (
                *(one.score, one.point.esi_id, one.point.tdsp_code, one.point.status),
                *(one.point.street, one.point.street_line2, one.point.city, one.point.zip_code),
            )
            for one in found
        ],
    )
