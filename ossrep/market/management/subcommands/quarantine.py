"""``manage.py market quarantine``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.market.queries.quarantine import list_refused_read_rows
from ossrep.market.usecases.settle_refused_reads import discard_refused_reads, retry_refused_reads

HELP = "Rows of read calendars that could not be taken: list, retry, lay aside."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "retry", "discard"])
    parser.add_argument("rows", nargs="*", type=int, metavar="ROW", help="numbers to discard")
    parser.add_argument("--json", action="store_true", help="one JSON line for each row")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "retry":
        outcome = retry_refused_reads(as_of=clock.now())
        out.stdout.write(f"{outcome.loaded} loaded, {outcome.still_refused} still refused")
    elif options.action == "discard":
        discard_refused_reads(row_ids=options.rows, as_of=clock.now())
        out.stdout.write(f"{len(options.rows)} discarded")
    else:
        _list(options, out)


def _list(options: Namespace, out: OssrepCommand) -> None:
    rows = list_refused_read_rows()
    if options.json:
        for row in rows:
            out.json_line(**dataclasses.asdict(row))
        return
    out.table(
        columns=["number", "place", "message", "row"],
        rows=[(r.number, r.place, r.message, r.raw_row) for r in rows],
    )
