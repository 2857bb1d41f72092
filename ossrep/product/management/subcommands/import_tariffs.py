"""``manage.py product import-tariffs``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.product.usecases.import_tariffs import import_tariffs

HELP = "Loads delivery tariffs of TDSPs from YAML (docs/formats/tariffs.md)."


class TariffsRefused(DomainError):
    """Some files did not load; the others did."""

    code = "tariffs_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="default: the tariffs that come with the product",
    )
    parser.add_argument(
        "--correct",
        action="store_true",
        help="make the stored rows of every charge in the file those of the file",
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows, refusals = [], []
    for path in options.files or shipped_tariff_files():
        try:
            done = import_tariffs(path=path, correct=options.correct, reason=options.reason or "")
        except DomainError as refusal:
            refusals.append(str(refusal))
            continue
        rows.append((path, done.added, done.ended, done.corrected, done.removed, done.same))
    out.table(columns=["file", "added", "ended", "changed", "removed", "same"], rows=rows)
    if refusals:
        raise TariffsRefused("\n".join(refusals))


def shipped_tariff_files() -> list[Path]:
    """The tariff files in the product's own data folder, by name."""
    folder = Path(__file__).resolve().parents[2] / "data"
    return sorted(folder.glob("tariffs_*.yaml"))
