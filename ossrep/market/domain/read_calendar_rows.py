"""What one row of a read calendar says (docs/formats/read-calendar.md)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.kernel.errors import DomainError

COLUMNS = ("tdsp", "read_cycle", "month", "read_date")
DAYS_OUTSIDE_MONTH_MAX = 10
_CYCLE = re.compile(r"[0-9A-Z]{1,4}")


class ReadRowRefused(DomainError):
    """A row that cannot be taken."""

    code = "read_row_refused"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """The read of a cycle for a month; ``month`` is the first of that month."""

    tdsp_code: str
    read_cycle: str
    month: dt.date
    read_date: dt.date


def parse_read_row(fields: Sequence[str]) -> ReadRow:
    """One row; ``ReadRowRefused`` says what does not fit."""
    if len(fields) != len(COLUMNS):
        raise ReadRowRefused(f"has {len(fields)} fields instead of {len(COLUMNS)}")
    tdsp, cycle, month_text, date_text = (field.strip() for field in fields)
    if not tdsp:
        raise ReadRowRefused("the TDSP is missing")
    if not _CYCLE.fullmatch(cycle):
        raise ReadRowRefused(f"the read cycle must be 1 to 4 digits or letters, not {cycle!r}")
    month = _date(f"{month_text}-01", f"the month must be like 2026-11, not {month_text!r}")
    date = _date(date_text, f"the read date must be like 2026-11-09, not {date_text!r}")
    if not _is_near(date, month):
        raise ReadRowRefused(
            f"{date} is more than {DAYS_OUTSIDE_MONTH_MAX} days outside the month {month_text}"
        )
    return ReadRow(tdsp, cycle, month, date)


def _date(text: str, complaint: str) -> dt.date:
    try:
        if re.fullmatch(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ReadRowRefused(complaint)


def _is_near(date: dt.date, month: dt.date) -> bool:
    # The first of the next month is reached from any month within 31 days.
    next_month = (month + dt.timedelta(days=31)).replace(day=1)
    margin = dt.timedelta(days=DAYS_OUTSIDE_MONTH_MAX)
    return month - margin <= date < next_month + margin
