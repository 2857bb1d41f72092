"""How long a contract binds."""

from __future__ import annotations

import calendar
import datetime as dt


def term_end(*, start: dt.date, months: int) -> dt.date | None:
    """The first day after a term of whole months; None for month to month (0).

    A day that the last month does not have becomes its last day: 31 January and one month end on
    28 February.
    """
    if months <= 0:
        return None
    month_index = start.year * 12 + start.month - 1 + months
    year, month = divmod(month_index, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return dt.date(year, month + 1, day)
