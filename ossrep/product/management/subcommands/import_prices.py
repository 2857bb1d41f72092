"""``manage.py product import-prices``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.product.usecases.import_prices import PriceFileOutcome, import_prices

HELP = "Loads market prices: ERCOT SPP files or daily index files (docs/formats/prices.md)."


class PricesRefused(DomainError):
    """Some files or rows did not load; the good ones did."""

    code = "prices_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument(
        "--points", nargs="+", default=[], metavar="POINT", help="only these settlement points"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")


def handle(options: Namespace, out: OssrepCommand) -> None:
    outcomes: list[PriceFileOutcome] = []
    with out.progress("price rows") as advance:
        for outcome in import_prices(paths=options.paths, points=options.points, progress=advance):
            outcomes.append(outcome)
    _show(outcomes, options, out)
    files = [outcome.refusal for outcome in outcomes if outcome.refusal]
    rows = sum(outcome.refused for outcome in outcomes)
    if rows:
        files.append(f"{rows} rows are in quarantine: manage.py product quarantine list")
    if not outcomes:
        files.append("no price file in these paths")
    if files:
        raise PricesRefused("\n".join(files))


def _show(outcomes: list[PriceFileOutcome], options: Namespace, out: OssrepCommand) -> None:
    if options.json:
        for outcome in outcomes:
            out.json_line(**dataclasses.asdict(outcome))
        return
    columns = ["rows", "added", "same", "corrected", "skipped", "refused"]
    out.table(
        columns=["file", *columns],
        rows=[(o.name, *(getattr(o, column) for column in columns)) for o in outcomes],
    )
