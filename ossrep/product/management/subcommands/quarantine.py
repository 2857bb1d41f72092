"""``manage.py product quarantine``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.product.queries.quarantine import list_refused_price_rows
from ossrep.product.usecases.settle_refused_prices import (
    discard_refused_prices,
    retry_refused_prices,
)

HELP = "Price rows that could not be taken: list them, retry them, lay them aside."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "retry", "discard"])
    parser.add_argument("rows", nargs="*", type=int, metavar="ROW", help="numbers to discard")
    parser.add_argument("--json", action="store_true", help="one JSON line for each row")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "retry":
        outcome = retry_refused_prices(as_of=clock.now())
        out.stdout.write(f"{outcome.loaded} loaded, {outcome.still_refused} still refused")
    elif options.action == "discard":
        discard_refused_prices(row_ids=options.rows, as_of=clock.now())
        out.stdout.write(f"{len(options.rows)} discarded")
    else:
        _list(options, out)


def _list(options: Namespace, out: OssrepCommand) -> None:
    rows = list_refused_price_rows()
    if options.json:
        for row in rows:
            out.json_line(**dataclasses.asdict(row))
        return
    out.table(
        columns=["number", "place", "reason", "message", "row"],
        rows=[(r.number, r.place, r.reason, r.message, r.raw_row) for r in rows],
    )
