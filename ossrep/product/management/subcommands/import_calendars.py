"""``manage.py product import-calendars``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.product.usecases.import_calendars import import_calendars

HELP = "Adds shared time-of-use calendars and holiday lists (docs/formats/calendars.md)."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


def handle(options: Namespace, out: OssrepCommand) -> None:
    outcomes = [outcome for path in options.files for outcome in import_calendars(path=path)]
    out.table(
        columns=["kind", "name", "version", "outcome"],
        rows=[(o.kind, o.name, o.version, "new" if o.is_new else "unchanged") for o in outcomes],
    )
