"""``manage.py customer export``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.customer.files.book_writing import export_book
from ossrep.infra.commands import OssrepCommand

HELP = "Writes the customer book to a folder, a .zip or a .jsonl; import takes it back."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("to", type=Path, metavar="TO")


def handle(options: Namespace, out: OssrepCommand) -> None:
    counts = export_book(to=options.to)
    out.table(columns=["kind", "records"], rows=list(counts.items()))
