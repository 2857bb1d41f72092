"""CSV files as an old system writes them: a header line, commas, line feeds."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_csv(*, path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Writes one file and the folders above it; None is an empty cell. Returns the rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
