"""``bill due``: who should have been billed and was not."""

from __future__ import annotations

import csv
import datetime as dt
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.billing.queries.due_list import DueLine, list_due
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock

HELP = "Lists who should have been billed and was not, why, and the days of the 30-day clock."
COLUMNS = ("account", "name", "ESI IDs", "from", "to", "reason", "days", "days left", "message")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="YYYY-MM-DD (default: today)")
    parser.add_argument("--cycle", help="meter-read cycle (default: all)")
    parser.add_argument("--csv", type=Path, help="write the list to this file, too")


def handle(options: Namespace, out: OssrepCommand) -> None:
    lines = list_due(as_of=options.as_of or clock.market_today(), read_cycle=options.cycle)
    rows = [_row(line) for line in lines]
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    out.table(title=f"{len(rows):,} bills due", columns=COLUMNS, rows=rows)


def _row(line: DueLine) -> list[object]:
    return [
        line.account_number,
        line.name,
        " ".join(line.esi_ids),
        line.period_start,
        line.period_end,
        line.reason,
        line.days,
        line.days_left,
        line.message,
    ]
