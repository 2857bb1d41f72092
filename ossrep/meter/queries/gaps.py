"""What is missing or estimated before a bill run, by ESI ID and local day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ossrep.kernel.identifiers import EsiId
from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.domain.interval_days import EXPORT, IMPORT
from ossrep.meter.queries.service_windows import ServiceWindow
from ossrep.meter.queries.usage_grid import DayGroup, RequestGrid, packed_days
from ossrep.published.meter import UsageRequest

CHUNK = 2_000
ABSENT, INCOMPLETE, ESTIMATED = "absent", "incomplete", "estimated"
_QUERY = packed_days(data="''::bytea")
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class DayGap:
    """A day that is not whole and actual; ``missing`` and ``estimated`` count quarter hours."""

    esi_id: EsiId
    date: dt.date
    direction: int
    state: str
    missing: int
    estimated: int


def find_gaps(*, windows: Sequence[ServiceWindow]) -> list[DayGap]:
    """Days of the windows that are absent, incomplete or estimated, by ESI ID and date.

    Export counts from its first known day on. One query for each ``CHUNK`` windows.
    """
    found: list[DayGap] = []
    for begin in range(0, len(windows), CHUNK):
        found += _gaps_of(windows[begin : begin + CHUNK])
    return sorted(found, key=lambda gap: (gap.esi_id, gap.date, gap.direction))


class _Days:
    """Missing and estimated quarter hours of each direction, window and day."""

    def __init__(self, windows: Sequence[ServiceWindow]) -> None:
        request = UsageRequest(
            esi_ids=[window.esi_id for window in windows],
            starts=[window.start for window in windows],
            ends=[window.end for window in windows],
        )
        self.grid = RequestGrid(request=request)
        self.lengths = self.grid.ends - self.grid.starts
        self.first = np.cumsum(self.lengths) - self.lengths
        shape = (2, int(self.lengths.sum()))
        self.missing = np.full(shape, _UNKNOWN, dtype=np.int64)
        self.estimated = np.zeros(shape, dtype=np.int64)
        for group in self.grid.groups(_QUERY, [IMPORT, EXPORT]):
            self._fill(group)

    def _fill(self, group: DayGroup) -> None:
        flaws = {row[0]: row[1:] for row in group.flaws.tolist()}
        places = self.grid.places(meter_point_ids=group.meter_point_ids, day=group.day)
        for index, requests in places:
            cells = self.first[requests] + group.day - self.grid.starts[requests]
            both = [flaws.get(point, (0, 0)) for point in group.meter_point_ids[index].tolist()]
            self.estimated[group.direction, cells] = [pair[0] for pair in both]
            self.missing[group.direction, cells] = [pair[1] for pair in both]

    def flawed(self, *, window: int, direction: int) -> list[int]:
        """Days of a window, from 0, that are not whole and actual."""
        begin = int(self.first[window])
        span = slice(begin, begin + int(self.lengths[window]))
        is_flawed = (self.missing[direction, span] != 0) | (self.estimated[direction, span] > 0)
        days: list[int] = np.flatnonzero(is_flawed).tolist()
        return days


def _gaps_of(windows: Sequence[ServiceWindow]) -> list[DayGap]:
    days = _Days(windows)
    gaps = []
    for i, window in enumerate(windows):
        point = days.grid.points.get(window.esi_id)
        first_export = point.first_export_date if point else None
        since = {IMPORT: window.start, EXPORT: first_export or window.end}
        for direction in (IMPORT, EXPORT):
            for day in days.flawed(window=i, direction=direction):
                date = window.start + dt.timedelta(days=day)
                if date >= since[direction]:
                    cell = int(days.first[i]) + day
                    missing = int(days.missing[direction, cell])
                    estimated = int(days.estimated[direction, cell])
                    gaps.append(_gap(window.esi_id, date, direction, missing, estimated))
    return gaps


def _gap(esi_id: EsiId, date: dt.date, direction: int, missing: int, estimated: int) -> DayGap:
    if missing == _UNKNOWN:
        return DayGap(esi_id, date, direction, ABSENT, intervals_in_day(date), 0)
    state = INCOMPLETE if missing else ESTIMATED
    return DayGap(esi_id, date, direction, state, missing, estimated)
