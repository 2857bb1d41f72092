"""Loads the days on which the TDSPs read the meters of each cycle."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.market.db import connection, transaction
from ossrep.market.domain.read_calendar_rows import (
    COLUMNS,
    ReadRow,
    ReadRowRefused,
    parse_read_row,
)
from ossrep.market.models import ReadDate, RefusedReadRow, Tdsp

REFUSED_ROWS_MAX = 10_000
RAW_ROW_CHARS_MAX = 2_000
Key = tuple[int, str, dt.date]


@dataclass(slots=True, kw_only=True)
class ReadCalendarOutcome:
    """What became of one file; ``refusal`` is set where the whole file was refused."""

    name: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    refusal: str = ""
    refused_rows: list[str] = field(default_factory=list)


def import_read_calendar(*, paths: Sequence[Path]) -> Iterator[ReadCalendarOutcome]:
    """Loads every CSV of the paths, one transaction each.

    Bad rows are kept in quarantine with file, line and reason, the good ones load. The same row
    changes nothing; another date for a known cycle and month replaces it (history keeps the old).
    """
    for source in find_inputs(paths=paths, suffixes=[".csv"]):
        outcome = ReadCalendarOutcome(name=source.name)
        try:
            with transaction():
                _import_file(source, outcome)
        except InputRefused as refusal:
            outcome = ReadCalendarOutcome(name=source.name, refusal=str(refusal))
        yield outcome


def _import_file(source: InputSource, outcome: ReadCalendarOutcome) -> None:
    calendar = ReadCalendar()
    lines = source.lines()
    _, header = next(lines, (1, ""))
    if tuple(name.strip() for name in header.split(",")) != COLUMNS:
        raise source.refusal(f"the first line must be {','.join(COLUMNS)}", 1)
    refused: list[RefusedReadRow] = []
    for number, line in lines:
        if not line.strip():
            continue
        outcome.rows += 1
        try:
            calendar.take_line(line)
        except (ReadRowRefused, csv.Error) as refusal:
            refused.append(_refused_row(source, number, line, refusal))
            outcome.refused_rows.append(f"{source.name}:{number}: {refusal}")
            if len(refused) > REFUSED_ROWS_MAX:
                raise source.refusal(
                    f"more than {REFUSED_ROWS_MAX} rows do not fit, nothing is loaded", number
                ) from refusal
    outcome.added, outcome.changed, outcome.same = calendar.write()
    outcome.refused = len(refused)
    RefusedReadRow.objects.bulk_create(refused, ignore_conflicts=True, batch_size=1000)


def _refused_row(source: InputSource, number: int, line: str, refusal: Exception) -> RefusedReadRow:
    return RefusedReadRow(
        file_name=source.short_name,
        line=number,
        raw_row=line[:RAW_ROW_CHARS_MAX],
        raw_sha256=hashlib.sha256(line.encode()).hexdigest(),
        message=str(refusal)[:300],
    )


class ReadCalendar:
    """The stored calendar and the rows that come, checked against each other.

    Locks the calendar until the transaction ends, so that two imports follow each other.
    """

    def __init__(self) -> None:
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('market.read_calendar'))")
        self._tdsp_ids = dict(Tdsp.objects.values_list("code", "pk"))
        stored = ReadDate.objects.values_list("tdsp_id", "read_cycle", "month", "read_date")
        self._stored: dict[Key, dt.date] = {(t, c, m): d for t, c, m, d in stored}
        self._came: dict[Key, dt.date] = {}
        self._months: dict[tuple[int, str], dict[dt.date, dt.date]] = {}
        for (tdsp_id, cycle, month), date in self._stored.items():
            self._months.setdefault((tdsp_id, cycle), {})[month] = date

    def take_line(self, line: str) -> None:
        """One CSV line; ``ReadRowRefused`` where it does not fit by itself or with the others."""
        row = parse_read_row(next(csv.reader([line]), []))
        tdsp_id = self._tdsp_ids.get(row.tdsp_code)
        if tdsp_id is None:
            raise ReadRowRefused(
                f"no TDSP has the code {row.tdsp_code!r}; see manage.py market list-tdsps"
            )
        key = (tdsp_id, row.read_cycle, row.month)
        before = self._came.get(key, row.read_date)
        if before != row.read_date:
            raise ReadRowRefused(f"the file gave {before} for this cycle and month before")
        months = self._months.setdefault((tdsp_id, row.read_cycle), {})
        _check_order(row, months)
        months[row.month] = row.read_date
        self._came[key] = row.read_date

    def write(self) -> tuple[int, int, int]:
        """Writes what came; counts of rows added, changed and as before."""
        added = [key for key in self._came if key not in self._stored]
        changed = {
            key: date for key, date in self._came.items() if self._stored.get(key, date) != date
        }
        ReadDate.objects.bulk_create(
            [
                ReadDate(tdsp_id=tdsp_id, read_cycle=cycle, month=month, read_date=self._came[key])
                for key in added
                for tdsp_id, cycle, month in [key]
            ],
            batch_size=5_000,
        )
        for (tdsp_id, cycle, month), date in changed.items():
            ReadDate.objects.filter(tdsp_id=tdsp_id, read_cycle=cycle, month=month).update(
                read_date=date
            )
        return len(added), len(changed), len(self._came) - len(added) - len(changed)


def _check_order(row: ReadRow, months: dict[dt.date, dt.date]) -> None:
    for month, date in months.items():
        if (month < row.month and date >= row.read_date) or (
            month > row.month and date <= row.read_date
        ):
            raise ReadRowRefused(
                f"{row.read_date} for {row.month:%Y-%m} does not fit {date} for {month:%Y-%m}"
            )
