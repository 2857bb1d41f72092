"""``manage.py market import-read-calendar``."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.market.usecases.import_read_calendar import ReadCalendarOutcome, import_read_calendar

HELP = "Loads the read dates of TDSPs and cycles (docs/formats/read-calendar.md)."
REFUSED_ROWS_SHOWN = 20


class ReadCalendarRefused(DomainError):
    """Some files or rows did not load; the good ones did."""

    code = "read_calendar_refused"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--json", action="store_true", help="one JSON line for each file")


def handle(options: Namespace, out: OssrepCommand) -> None:
    outcomes = list(import_read_calendar(paths=options.paths))
    if options.json:
        for outcome in outcomes:
            out.json_line(**dataclasses.asdict(outcome))
    else:
        columns = ["rows", "added", "changed", "same", "refused"]
        out.table(
            columns=["file", *columns],
            rows=[(o.name, *(getattr(o, column) for column in columns)) for o in outcomes],
        )
    complaints = _complaints(outcomes)
    if complaints:
        raise ReadCalendarRefused("\n".join(complaints))


def _complaints(outcomes: list[ReadCalendarOutcome]) -> list[str]:
    if not outcomes:
        return ["no CSV file in these paths"]
    files = [outcome.refusal for outcome in outcomes if outcome.refusal]
    rows = [row for outcome in outcomes for row in outcome.refused_rows]
    shown = rows[:REFUSED_ROWS_SHOWN]
    if rows:
        shown.append(f"{len(rows)} rows are in quarantine: manage.py market quarantine list")
    return files + shown
