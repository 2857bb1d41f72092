"""``bill import-taxes``: places, local taxes, rates of the law."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from ossrep.billing.usecases.import_taxes import TaxesImported, import_taxes
from ossrep.infra.commands import OssrepCommand

HELP = "Loads places with their local taxes from YAML (docs/formats/taxes.md)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--correct",
        action="store_true",
        help="make places and taxes that the file names as the file says; needs --reason",
    )
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows: list[tuple[Path, TaxesImported]] = []
    for path in options.files:
        done = import_taxes(path=path, correct=options.correct, reason=options.reason or "")
        rows.append((path, done))
    if options.json:
        for path, done in rows:
            out.json_line(file=str(path), **asdict(done))
        return
    out.table(
        columns=["file", "new places", "changed", "added", "ended", "corrected", "removed", "same"],
        rows=[[path, *asdict(done).values()] for path, done in rows],
    )
