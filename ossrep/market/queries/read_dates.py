"""When meters are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from ossrep.kernel.identifiers import TdspCode
from ossrep.market.models import ReadDate


def find_read_dates(
    *, keys: Collection[tuple[TdspCode, str]], start: dt.date, end: dt.date
) -> Mapping[tuple[TdspCode, str], tuple[dt.date, ...]]:
    """Read dates in ``[start, end)`` of each (TDSP, read cycle), rising; one query.

    Every key asked for has an entry, empty where the calendar has no date.
    """
    found: dict[tuple[TdspCode, str], list[dt.date]] = {key: [] for key in keys}
    rows = (
        ReadDate.objects.filter(
            tdsp__code__in={tdsp for tdsp, _ in keys},
            read_cycle__in={cycle for _, cycle in keys},
            read_date__gte=start,
            read_date__lt=end,
        )
        .order_by("read_date")
        .values_list("tdsp__code", "read_cycle", "read_date")
    )
    for tdsp, cycle, date in rows:
        dates = found.get((TdspCode(tdsp), cycle))
        if dates is not None:
            dates.append(date)
    return {key: tuple(dates) for key, dates in found.items()}
