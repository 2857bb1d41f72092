"""Usage of many meter points at once, as packed columns: what bills are made from.

The database packs the rows of each local day, direction and revision into one long field, and
numpy lays them in place: measured, that costs half of taking each day's row by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.domain.interval_days import EXPORT, IMPORT
from ossrep.meter.queries.register_usage import get_register_periods
from ossrep.meter.queries.usage_grid import DayGroup, RequestGrid, array_items, packed_days
from ossrep.published.meter import MISSING_WH, IntervalUsage, UsageRequest, UsageTotals

_INTERVALS = packed_days(data="array_agg(wh)")
_TOTALS = packed_days(data="string_agg(int8send(total_wh) || int4send(peak_wh), ''::bytea)")
_SUMS = np.dtype([("total_wh", ">i8"), ("peak_wh", ">i4")])
_ALIGNED = 16
"""Bytes: days have 92, 96 or 100 values of 4 bytes, so each begins at a multiple of it."""


class _Flaws:
    """Estimated and missing quarter hours of the import channel, by request and day."""

    def __init__(self, grid: RequestGrid) -> None:
        self._grid = grid
        self._first = np.concatenate(([0], np.cumsum(grid.ends - grid.starts)))
        self._is_known = np.zeros(int(self._first[-1]), dtype=np.bool_)
        self._estimated = np.zeros(int(self._first[-1]), dtype=np.int32)
        self._missing = _day_counts(grid)

    def note(
        self, *, group: DayGroup, index: NDArray[np.intp], requests: NDArray[np.int64]
    ) -> None:
        """Takes over what a group says of the days of these requests."""
        cells = self._first[requests] + group.day - self._grid.starts[requests]
        self._estimated[cells] = 0
        self._missing[cells] = 0
        self._is_known[cells] = True
        if not len(group.flaws):
            return
        place = {int(i): n for n, i in enumerate(group.meter_point_ids[index])}
        for meter_point_id, estimated, missing in group.flaws.tolist():
            if meter_point_id in place:
                cell = cells[place[meter_point_id]]
                self._estimated[cell], self._missing[cell] = estimated, missing

    def blank(self, column: NDArray[np.int32]) -> None:
        """Marks as missing the values of days for which there is no row."""
        cells = np.flatnonzero(~self._is_known)
        if not len(cells):
            return
        requests = np.searchsorted(self._first, cells, side="right") - 1
        days = cells - self._first[requests] + self._grid.starts[requests]
        begins = self._grid.position(requests=requests, day=days)
        ends = begins + self._grid.counts[days]
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            column[begin:end] = MISSING_WH

    def sums(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Estimated and missing quarter hours of each request."""
        return self._sum(self._estimated), self._sum(self._missing)

    def _sum(self, cells: NDArray[np.int32]) -> NDArray[np.int32]:
        total = np.concatenate(([0], np.cumsum(cells, dtype=np.int64)))
        sums: NDArray[np.int32] = np.diff(total[self._first]).astype(np.int32)
        return sums


def _day_counts(grid: RequestGrid) -> NDArray[np.int32]:
    lengths = grid.ends - grid.starts
    days = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    counts: NDArray[np.int32] = grid.counts[days + np.repeat(grid.starts, lengths)].astype(np.int32)
    return counts


def get_interval_usage(*, request: UsageRequest) -> IntervalUsage:
    """The intervals of each request (see ``published.meter``); one query for all of them."""
    grid = RequestGrid(request=request)
    size = int(grid.offsets[-1])
    has_export = _exporting(request, grid)
    columns = {
        IMPORT: np.empty(size, dtype=np.int32),
        EXPORT: _export_column(request, grid, has_export),
    }
    flaws = _Flaws(grid)
    directions = [IMPORT, EXPORT] if has_export.any() else [IMPORT]
    for group in grid.groups(_INTERVALS, directions):
        count = int(grid.counts[group.day])
        rows = array_items(array=group.data, item=f"V{4 * count}")
        target = _days_view(columns[group.direction], count)
        for index, requests in grid.places(meter_point_ids=group.meter_point_ids, day=group.day):
            if len(index):
                position = grid.position(requests=requests, day=group.day)
                target[position * 4 // _ALIGNED] = rows if len(index) == len(rows) else rows[index]
                if group.direction == IMPORT:
                    flaws.note(group=group, index=index, requests=requests)
    flaws.blank(columns[IMPORT])
    estimated, missing = flaws.sums()
    registers = _registers(request, grid)
    return IntervalUsage(
        offsets=grid.offsets,
        import_wh=columns[IMPORT],
        export_wh=columns[EXPORT],
        has_export=has_export,
        estimated_intervals=estimated,
        missing_intervals=missing,
        register_import_wh=registers[:, 0].copy(),
        register_export_wh=registers[:, 1].copy(),
        register_peak_w=registers[:, 2].copy(),
    )


def _days_view(column: NDArray[np.int32], count: int) -> NDArray[np.void]:
    """Days of ``count`` values at every possible place of the column, to copy whole days at once.

    The stored bytes are little-endian, as the column is on every machine this runs on.
    """
    places = max((column.nbytes - 4 * count) // _ALIGNED + 1, 0)
    return np.ndarray((places,), dtype=f"V{4 * count}", buffer=column.data, strides=(_ALIGNED,))


def _exporting(request: UsageRequest, grid: RequestGrid) -> NDArray[np.bool_]:
    found = np.zeros(grid.size, dtype=np.bool_)
    for i, (esi_id, end) in enumerate(zip(request.esi_ids, request.ends, strict=True)):
        point = grid.points.get(esi_id)
        first = point.first_export_date if point else None
        found[i] = first is not None and first < end
    return found


def _export_column(
    request: UsageRequest, grid: RequestGrid, has_export: NDArray[np.bool_]
) -> NDArray[np.int32]:
    column = np.zeros(int(grid.offsets[-1]), dtype=np.int32)
    for i in np.flatnonzero(has_export).tolist():
        first = grid.points[request.esi_ids[i]].first_export_date
        assert first is not None
        day = max((first - grid.first).days, int(grid.starts[i]))
        begin = int(grid.position(requests=np.array([i]), day=day)[0])
        column[begin : grid.offsets[i + 1]] = MISSING_WH
    return column


def _registers(request: UsageRequest, grid: RequestGrid) -> NDArray[np.int64]:
    columns = np.full((grid.size, 3), -1, dtype=np.int64)
    ids = {point.meter_point_id for point in grid.points.values()}
    periods = get_register_periods(meter_point_ids=sorted(ids), since=grid.first)
    if not periods:
        return columns
    for i, (start, end) in enumerate(zip(request.starts, request.ends, strict=True)):
        for period in periods.get(int(grid.meter_point_ids[i]), []):
            if (period.start, period.end) == (start, end):
                columns[i] = (period.import_wh, period.export_wh, period.peak_w)
    return columns


def get_usage_totals(*, request: UsageRequest) -> UsageTotals:
    """Sums of each request (see ``published.meter``); one query, without the values."""
    grid = RequestGrid(request=request)
    lengths = grid.ends - grid.starts
    first = np.cumsum(lengths) - lengths
    cells = int(lengths.sum())
    totals = {IMPORT: np.zeros(cells, np.int64), EXPORT: np.zeros(cells, np.int64)}
    peaks = np.zeros(cells, dtype=np.int64)
    flaws = _Flaws(grid)
    for group in grid.groups(_TOTALS, [IMPORT, EXPORT]):
        rows = np.frombuffer(group.data, dtype=_SUMS)
        for index, requests in grid.places(meter_point_ids=group.meter_point_ids, day=group.day):
            at = first[requests] + group.day - grid.starts[requests]
            totals[group.direction][at] = rows["total_wh"][index]
            if group.direction == IMPORT:
                peaks[at] = rows["peak_wh"][index]
                flaws.note(group=group, index=index, requests=requests)
    estimated, missing = flaws.sums()
    return UsageTotals(
        import_wh=_per_request(np.add, totals[IMPORT], grid),
        export_wh=_per_request(np.add, totals[EXPORT], grid),
        peak_w=4 * _per_request(np.maximum, peaks, grid),
        estimated_intervals=estimated,
        missing_intervals=missing,
    )


def _per_request(fold: np.ufunc, cells: NDArray[np.int64], grid: RequestGrid) -> NDArray[np.int64]:
    """Folds the days of each request, 0 for one without days."""
    folded = np.zeros(grid.size, dtype=np.int64)
    lengths = grid.ends - grid.starts
    filled = np.flatnonzero(lengths)
    if len(filled):
        begins = (np.cumsum(lengths) - lengths)[filled]
        folded[filled] = fold.reduceat(cells, begins)
    return folded
