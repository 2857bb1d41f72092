"""``bill import-opening``: what accounts bring from the system they were billed in before."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from ossrep.billing.usecases.import_openings import OpeningsImported, import_openings
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.input_files import InputRefused

HELP = "Posts balances, credit banks, peaks and usage of an old system (docs/formats/opening.md)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    results = []
    for result in import_openings(paths=options.files):
        results.append(result)
        if options.json:
            out.json_line(**asdict(result))
    if not options.json:
        tell(results, out)
    broken = [result.error for result in results if result.error]
    if broken:
        raise InputRefused("\n".join(["could not be read to their end:", *broken]))


def tell(results: list[OpeningsImported], out: OssrepCommand) -> None:
    """Prints what became of each file, and where the refused lines are."""
    out.table(
        columns=["file", "posted", "known", "refused"],
        rows=[[r.file, r.posted, r.known, r.refused] for r in results],
    )
    if any(result.refused for result in results):
        out.stdout.write("refused lines are in quarantine: manage.py bill quarantine list")
