"""What a file's rows change in one stored charge: new rows, ends of open rows, contradictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from ossrep.product.domain.fields import Problem
from ossrep.product.domain.tariff_file import TariffEntry
from ossrep.rating import TariffRow


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the book: its id, what it says, and the words around it."""

    row_id: int
    row: TariffRow
    position: int
    source: str
    confidence: str


@dataclass(slots=True)
class SeriesChanges:
    """What to write for one charge; ``updates`` pairs a stored row with what it becomes."""

    inserts: list[TariffEntry] = field(default_factory=list)
    closings: list[tuple[StoredRow, TariffEntry]] = field(default_factory=list)
    updates: list[tuple[StoredRow, TariffEntry]] = field(default_factory=list)
    deletes: list[StoredRow] = field(default_factory=list)
    same: int = 0


def plan_additions(
    *, stored: Sequence[StoredRow], entries: Sequence[TariffEntry], problems: list[Problem]
) -> SeriesChanges:
    """Adds what is new and ends what was open; a row that says otherwise is a problem.

    Words (label, source, confidence, place in the file) may change; money and dates may not,
    except that an open row may get its end.
    """
    changes = SeriesChanges()
    ends = {s.row.from_date: s.row.to_date for s in stored}
    by_start = {s.row.from_date: s for s in stored}
    for entry in entries:
        twin = by_start.get(entry.row.from_date)
        if twin is None:
            changes.inserts.append(entry)
        elif _is_closing(twin, entry):
            changes.closings.append((twin, entry))
            ends[twin.row.from_date] = entry.row.to_date
        elif _money(twin.row) != _money(entry.row):
            problems.append(Problem(entry.path, _contradiction(twin)))
        elif _words(twin) != _words_of_entry(entry):
            changes.updates.append((twin, entry))
        else:
            changes.same += 1
    for entry in changes.inserts:
        for start, end in ends.items():
            if _overlaps(entry.row, start, end):
                problems.append(Problem(entry.path, _overlap(by_start[start])))
    return changes


def plan_correction(
    *, stored: Sequence[StoredRow], entries: Sequence[TariffEntry]
) -> SeriesChanges:
    """Makes the stored charge what the file says, whatever stood before."""
    changes = SeriesChanges()
    by_start = {s.row.from_date: s for s in stored}
    for entry in entries:
        twin = by_start.pop(entry.row.from_date, None)
        if twin is None:
            changes.inserts.append(entry)
        elif (_money(twin.row), _words(twin)) != (_money(entry.row), _words_of_entry(entry)):
            changes.updates.append((twin, entry))
        else:
            changes.same += 1
    changes.deletes = list(by_start.values())
    return changes


def _is_closing(twin: StoredRow, entry: TariffEntry) -> bool:
    if twin.row.to_date is not None or entry.row.to_date is None:
        return False
    return _money(twin.row)[:-1] == _money(entry.row)[:-1]


def _money(row: TariffRow) -> tuple[object, ...]:
    """All that reaches an amount; the end comes last."""
    taxes = None if row.taxes is None else tuple(sorted(row.taxes))
    return (row.unit, row.rate_usd, row.proration, row.demand, taxes, row.to_date)


def _words(stored: StoredRow) -> tuple[object, ...]:
    return (stored.row.label, stored.position, stored.source, stored.confidence)


def _words_of_entry(entry: TariffEntry) -> tuple[object, ...]:
    return (entry.row.label, entry.position, entry.source, entry.confidence)


def _overlaps(row: TariffRow, start: dt.date, end: dt.date | None) -> bool:
    return (end is None or row.from_date < end) and (row.to_date is None or start < row.to_date)


def _told(stored: StoredRow) -> str:
    row = stored.row
    end = f"until {row.to_date}" if row.to_date else "without end"
    return f"{row.rate_usd.normalize():f} per {row.unit} from {row.from_date} {end}"


def _contradiction(twin: StoredRow) -> str:
    return (
        f"contradicts the stored row {_told(twin)}; mend the file, or replace the stored rows of "
        "this charge with --correct and a --reason"
    )


def _overlap(stored: StoredRow) -> str:
    return (
        f"shares days with the stored row {_told(stored)}; give that row with its end in the same "
        "file, or use --correct with a --reason"
    )
