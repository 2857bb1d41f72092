"""Monthly partitions of the interval days, before they are needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ossrep.kernel.errors import DomainError
from ossrep.meter.db import connection, transaction
from ossrep.meter.domain.plausibility import FIRST_DATE

MONTHS_MAX = 600


class InvalidMonths(DomainError):
    """Months that no partition is made for."""

    code = "invalid_months"


def ensure_partitions(*, first: dt.date, last: dt.date) -> list[dt.date]:
    """Makes the partitions of all months from ``first``'s to ``last``'s; gives those made now."""
    months = months_between(first=first, last=last)
    if not months or first < FIRST_DATE or len(months) > MONTHS_MAX:
        raise InvalidMonths(
            f"{first:%Y-%m} to {last:%Y-%m}: give months from {FIRST_DATE:%Y-%m} on, "
            f"at most {MONTHS_MAX} of them, in rising order"
        )
    return _ensure(months)


def ensure_partitions_of(*, dates: Iterable[dt.date]) -> None:
    """The same for the months of the given dates, which must be plausible ones."""
    _ensure(sorted({date.replace(day=1) for date in dates}))


def months_between(*, first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months from ``first``'s to ``last``'s."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return [dt.date((start + i) // 12, (start + i) % 12 + 1, 1) for i in range(count)]


def _ensure(months: list[dt.date]) -> list[dt.date]:
    made = []
    with transaction(), connection().cursor() as cursor:
        for month in months:
            cursor.execute("SELECT ensure_interval_partition(%s)", [month])
            row = cursor.fetchone()
            if row is not None and row[0]:
                made.append(month)
    return made
