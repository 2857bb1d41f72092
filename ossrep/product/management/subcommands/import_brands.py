"""``manage.py product import-brands``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.product.usecases.import_brands import import_brands

HELP = "Adds or changes the brands of a YAML file (docs/formats/brands.md)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def handle(options: Namespace, out: OssrepCommand) -> None:
    rows = []
    for path in options.files:
        outcome = import_brands(path=path)
        rows += [(code, "added") for code in outcome.added]
        rows += [(code, "changed") for code in outcome.changed]
        rows += [(code, "unchanged") for code in outcome.unchanged]
    out.table(columns=["brand", "outcome"], rows=rows)
