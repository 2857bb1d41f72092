"""``bill import-payments``: payments from CSV files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from ossrep.billing.usecases.import_payments import PaymentsImported, import_payments
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.input_files import InputRefused

HELP = "Posts payments from CSV files (docs/formats/payments.md); the same file again does nothing."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="JSON lines")


def handle(options: Namespace, out: OssrepCommand) -> None:
    results = []
    for result in import_payments(paths=options.files):
        results.append(result)
        if options.json:
            out.json_line(**asdict(result))
    if not options.json:
        tell(results, out)
    broken = [result.error for result in results if result.error]
    if broken:
        raise InputRefused("\n".join(["could not be read to their end:", *broken]))


def tell(results: list[PaymentsImported], out: OssrepCommand) -> None:
    """Prints what became of each file, and where the refused rows are."""
    out.table(
        columns=["file", "posted", "amount", "known", "refused"],
        rows=[[r.file, r.posted, r.posted_usd, r.known, r.refused] for r in results],
    )
    if any(result.refused for result in results):
        out.stdout.write("refused rows are in quarantine: manage.py bill quarantine list")
