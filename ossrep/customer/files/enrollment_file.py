"""A CSV of enrollments (docs/formats/enrollments.md): rows as texts, with their lines."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ossrep.customer.domain.cells import FieldRefused
from ossrep.kernel.errors import DomainError

COLUMNS = (
    "enrollment", "kind", "account", "premises", "plan", "wanted_date", "priority",
    "special_needs", "usage_history", "consented_date", "consent_channel",
)  # fmt: skip
ROWS_MAX = 1_000_000
_FLAGS = {"": False, "N": False, "Y": True}


class EnrollmentFileRefused(DomainError):
    """The file has no such rows at all."""

    code = "enrollment_file_refused"


@dataclass(frozen=True, slots=True)
class EnrollmentRow:
    """One line of the file: ``cells`` by column; None where it has too few or too many."""

    line: int
    cells: Mapping[str, str] | None


def read_enrollments(*, path: Path) -> Iterator[EnrollmentRow]:
    """Each row with its line. Raises EnrollmentFileRefused."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if tuple(next(rows, ())) != COLUMNS:
                wanted = ",".join(COLUMNS)
                raise EnrollmentFileRefused(f"its first line must be {wanted}", where=str(path))
            for row in rows:
                is_whole = len(row) == len(COLUMNS)
                cells = dict(zip(COLUMNS, row, strict=True)) if is_whole else None
                yield EnrollmentRow(rows.line_num, cells)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EnrollmentFileRefused(f"cannot be read: {error}", where=str(path)) from error


def read_flag(*, name: str, text: str) -> bool:
    """Y or N (empty is N). Raises FieldRefused."""
    if text not in _FLAGS:
        raise FieldRefused(f'"{text}" is neither Y nor N', where=name)
    return _FLAGS[text]


def read_date(*, name: str, text: str) -> dt.date | None:
    """YYYY-MM-DD, or None for an empty cell. Raises FieldRefused."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise FieldRefused(f'"{text}" is no date YYYY-MM-DD', where=name) from None
