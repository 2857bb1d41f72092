"""``meter gaps``: what is missing or estimated before a bill run."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.meter.domain.interval_days import DIRECTION_NAMES
from ossrep.meter.management.arguments import add_window_arguments, windows_of
from ossrep.meter.queries.gaps import DayGap, find_gaps

HELP = "Days that are absent, incomplete or estimated, by ESI ID, for what the next bill needs."
COLUMNS = ("esi_id", "date", "direction", "state", "missing", "estimated")


def add_arguments(parser: ArgumentParser) -> None:
    add_window_arguments(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="Write the days to a CSV file.")
    parser.add_argument("--limit", type=int, default=200, metavar="N", help="Rows shown (200).")


def handle(options: Namespace, out: OssrepCommand) -> None:
    windows = windows_of(options)
    gaps = find_gaps(windows=windows)
    rows = [_row(gap) for gap in gaps]
    if options.csv:
        _write_csv(options.csv, rows)
    out.table(columns=COLUMNS, rows=rows[: options.limit])
    if len(rows) > options.limit:
        out.stderr.write(f"{len(rows) - options.limit} more days; --csv FILE has all of them")
    out.stderr.write(_summary(gaps, len(windows)))
    if options.csv:
        out.stderr.write(f"written to {options.csv}")


def _row(gap: DayGap) -> tuple[object, ...]:
    direction = DIRECTION_NAMES[gap.direction]
    return (gap.esi_id, gap.date, direction, gap.state, gap.missing, gap.estimated)


def _write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def _summary(gaps: Sequence[DayGap], windows: int) -> str:
    states = Counter(gap.state for gap in gaps)
    esi_ids = len({gap.esi_id for gap in gaps})
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
    return f"{windows} service windows; days not whole and actual: {counts} ({esi_ids} ESI IDs)"
