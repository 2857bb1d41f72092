"""The holiday tables as they stand: rules of the data file and rows of the database."""

from __future__ import annotations

from ossrep.market.domain.clocks import Calendars
from ossrep.market.domain.holidays import SingleDay, build_calendars
from ossrep.market.models import Holiday


def get_calendars() -> Calendars:
    """ERCOT's calendar and each TDSP's, in one query."""
    return build_calendars(
        SingleDay(row.calendar, row.date, row.is_holiday) for row in Holiday.objects.all()
    )
