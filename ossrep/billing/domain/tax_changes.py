"""What a file of taxes changes: added and ended freely, anything else only as a correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ossrep.billing.domain.taxes import LocalTax


@dataclass(slots=True)
class RateChanges:
    """Dated rows of one local tax: to insert, to end, to correct and to remove (by from date)."""

    inserts: list[LocalTax] = field(default_factory=list)
    endings: list[LocalTax] = field(default_factory=list)
    corrections: list[LocalTax] = field(default_factory=list)
    removals: list[LocalTax] = field(default_factory=list)
    same: int = 0
    conflicts: list[str] = field(default_factory=list)


def plan_additions(*, stored: Sequence[LocalTax], given: Sequence[LocalTax]) -> RateChanges:
    """New rows, and ends of open ones; a row that contradicts a stored one is a conflict."""
    changes = RateChanges()
    known = {row.from_date: row for row in stored}
    for row in given:
        before = known.get(row.from_date)
        if before is None:
            changes.inserts.append(row)
        elif before == row:
            changes.same += 1
        elif before.to_date is None and _says_the_same(before, row):
            changes.endings.append(row)
        else:
            changes.conflicts.append(f"{row.code} from {row.from_date} is stored otherwise")
    changes.conflicts += _overlaps(stored, changes)
    return changes


def plan_correction(*, stored: Sequence[LocalTax], given: Sequence[LocalTax]) -> RateChanges:
    """The stored rows become those of the file."""
    changes = RateChanges()
    known = {row.from_date: row for row in stored}
    wanted = {row.from_date for row in given}
    for row in given:
        before = known.get(row.from_date)
        if before is None:
            changes.inserts.append(row)
        elif before == row:
            changes.same += 1
        else:
            changes.corrections.append(row)
    changes.removals = [row for row in stored if row.from_date not in wanted]
    return changes


def _says_the_same(before: LocalTax, row: LocalTax) -> bool:
    """Alike in all but the end."""
    return (before.label, before.rate, before.residential) == (row.label, row.rate, row.residential)


def _overlaps(stored: Sequence[LocalTax], changes: RateChanges) -> Iterator[str]:
    """New rows that lie on days of a row that stays."""
    ended = {row.from_date: row for row in changes.endings}
    staying = [ended.get(row.from_date, row) for row in stored]
    for row in changes.inserts:
        for other in staying:
            if row.shares_a_day(other):
                yield f"{row.code} from {row.from_date} meets the stored one from {other.from_date}"
