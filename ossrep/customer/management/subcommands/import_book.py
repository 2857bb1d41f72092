"""``manage.py customer import``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.customer.usecases.import_book import ImportResult, import_book
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.input_files import InputRefused
from ossrep.kernel import clock

NAME = "import"
HELP = "Imports a customer book: CSV files, JSON lines, folders or zips of them."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--as-of",
        type=dt.date.fromisoformat,
        metavar="DATE",
        help="date of changes of details in events (default: today)",
    )
    parser.add_argument("--json", action="store_true", help="the outcome as one JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    as_of = options.as_of or clock.market_today()
    with out.progress("rows") as advance:
        result = import_book(paths=options.paths, as_of=as_of, advance=advance)
    tell(result, out, as_json=options.json)
    if result.broken_files:
        raise InputRefused("\n".join(["could not be read to their end:", *result.broken_files]))


def tell(result: ImportResult, out: OssrepCommand, *, as_json: bool) -> None:
    """Prints counts by kind and where the refused rows are."""
    found = {name: c for name, c in result.counts.items() if c.taken or c.refused}
    columns = ["created", "changed", "unchanged", "refused"]
    lines = {n: [c.created, c.changed, c.unchanged, c.refused] for n, c in found.items()}
    if as_json:
        counts = {name: dict(zip(columns, line, strict=True)) for name, line in lines.items()}
        out.json_line(run=result.run_id, refused=result.refused, kinds=counts)
        return
    out.table(columns=["kind", *columns], rows=[[name, *line] for name, line in lines.items()])
    if result.refused:
        out.stdout.write(
            f"{result.refused} rows are in quarantine: manage.py customer quarantine list"
        )
