"""An in-memory ``MeterService``: give it days, ask it what billing would ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.identifiers import EsiId
from ossrep.kernel.market_time import interval_counts, intervals_in_day
from ossrep.published.meter import (
    MISSING_WH,
    IntervalFile,
    IntervalUsage,
    UsageRequest,
    UsageTotals,
)


class FakeMeterService:
    """Answers like the real service, from what ``put_day`` and ``put_register`` were given."""

    context: ClassVar[str] = "meter"

    def __init__(self) -> None:
        self._import: dict[tuple[str, dt.date], NDArray[np.int32]] = {}
        self._export: dict[tuple[str, dt.date], NDArray[np.int32]] = {}
        self._estimated: dict[tuple[str, dt.date], int] = {}
        self._export_since: dict[str, dt.date] = {}
        self._registers: dict[str, dict[tuple[dt.date, dt.date], tuple[int, int, int]]] = {}

    def put_day(
        self,
        *,
        esi_id: str,
        date: dt.date,
        import_wh: int | Sequence[int] | NDArray[np.int32] | None = None,
        export_wh: int | Sequence[int] | NDArray[np.int32] | None = None,
        estimated_intervals: int = 0,
    ) -> None:
        """One local day; an int stands for every quarter hour, a list must have 92/96/100."""
        if import_wh is not None:
            self._import[esi_id, date] = _day(date, import_wh)
            self._estimated[esi_id, date] = estimated_intervals
        if export_wh is not None:
            self._export[esi_id, date] = _day(date, export_wh)
            self._export_since[esi_id] = min(date, self._export_since.get(esi_id, date))

    def put_days(
        self,
        *,
        esi_id: str,
        start: dt.date,
        end: dt.date,
        import_wh: int | None = None,
        export_wh: int | None = None,
    ) -> None:
        """The same number of Wh in every quarter hour of local dates ``[start, end)``."""
        for offset in range((end - start).days):
            date = start + dt.timedelta(days=offset)
            self.put_day(esi_id=esi_id, date=date, import_wh=import_wh, export_wh=export_wh)

    def put_register(
        self,
        *,
        esi_id: str,
        start: dt.date,
        end: dt.date,
        import_wh: int,
        export_wh: int = 0,
        peak_w: int = -1,
    ) -> None:
        """The market's monthly usage of ``[start, end)``."""
        self._registers.setdefault(esi_id, {})[start, end] = (import_wh, export_wh, peak_w)

    def get_interval_usage(self, *, request: UsageRequest) -> IntervalUsage:
        """The intervals of each request, in the order asked."""
        rows = list(zip(request.esi_ids, request.starts, request.ends, strict=True))
        imports = [self._column(self._import, *row, absent=MISSING_WH) for row in rows]
        exports = [self._exported(*row) for row in rows]
        registers = np.array(
            [self._registers.get(e, {}).get((s, t), (-1, -1, -1)) for e, s, t in rows],
            dtype=np.int64,
        ).reshape(-1, 3)
        return IntervalUsage(
            offsets=np.cumsum([0, *(len(column) for column in imports)], dtype=np.int64),
            import_wh=_joined(imports),
            export_wh=_joined(exports),
            has_export=np.array([self._has_export(e, t) for e, _, t in rows], dtype=np.bool_),
            estimated_intervals=np.array(
                [sum(self._estimated.get((e, d), 0) for d in _dates(s, t)) for e, s, t in rows],
                dtype=np.int32,
            ),
            missing_intervals=np.array(
                [int((column == MISSING_WH).sum()) for column in imports], dtype=np.int32
            ),
            register_import_wh=registers[:, 0].copy(),
            register_export_wh=registers[:, 1].copy(),
            register_peak_w=registers[:, 2].copy(),
        )

    def get_usage_totals(self, *, request: UsageRequest) -> UsageTotals:
        """Sums of what is there; missing quarter hours count as missing, not as zero."""
        usage = self.get_interval_usage(request=request)
        bounds = list(zip(usage.offsets[:-1], usage.offsets[1:], strict=True))
        imports = [_present(usage.import_wh[a:b]) for a, b in bounds]
        exports = [_present(usage.export_wh[a:b]) for a, b in bounds]
        return UsageTotals(
            import_wh=np.array([int(c.sum()) for c in imports], dtype=np.int64),
            export_wh=np.array([int(c.sum()) for c in exports], dtype=np.int64),
            peak_w=np.array([4 * int(c.max(initial=0)) for c in imports], dtype=np.int64),
            estimated_intervals=usage.estimated_intervals,
            missing_intervals=usage.missing_intervals,
        )

    def read_interval_file(self, *, path: Path) -> IntervalFile:
        """All days that were put in, whatever the path."""
        columns = ((self._import, False), (self._export, True))
        rows = sorted(
            (esi_id, date, is_export) for days, is_export in columns for esi_id, date in days
        )
        by_direction = {False: self._import, True: self._export}
        return IntervalFile(
            esi_ids=[EsiId(row[0]) for row in rows],
            dates=[row[1] for row in rows],
            is_export=[row[2] for row in rows],
            wh=[by_direction[row[2]][row[:2]] for row in rows],
            refused=[],
        )

    def list_usage_periods(
        self, *, esi_ids: Sequence[EsiId], since: dt.date
    ) -> Sequence[tuple[tuple[dt.date, dt.date], ...]]:
        """Periods of the registers that end after ``since``, rising."""
        return [
            tuple(sorted(p for p in self._registers.get(e, {}) if p[1] > since)) for e in esi_ids
        ]

    def _column(
        self,
        days: dict[tuple[str, dt.date], NDArray[np.int32]],
        esi_id: str,
        start: dt.date,
        end: dt.date,
        *,
        absent: int,
    ) -> NDArray[np.int32]:
        return _joined(
            [
                days.get((esi_id, d), np.full(intervals_in_day(d), absent, dtype=np.int32))
                for d in _dates(start, end)
            ]
        )

    def _has_export(self, esi_id: str, end: dt.date) -> bool:
        since = self._export_since.get(esi_id)
        return since is not None and since < end

    def _exported(self, esi_id: str, start: dt.date, end: dt.date) -> NDArray[np.int32]:
        if not self._has_export(esi_id, end):
            return np.zeros(int(interval_counts(start, end).sum()), dtype=np.int32)
        since = max(start, min(end, self._export_since[esi_id]))
        before = np.zeros(int(interval_counts(start, since).sum()), dtype=np.int32)
        after = self._column(self._export, esi_id, since, end, absent=MISSING_WH)
        return _joined([before, after])


def _dates(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + dt.timedelta(days=n) for n in range((end - start).days)]


def _day(date: dt.date, wh: int | Sequence[int] | NDArray[np.int32]) -> NDArray[np.int32]:
    count = intervals_in_day(date)
    if isinstance(wh, int):
        return np.full(count, wh, dtype=np.int32)
    values = np.asarray(wh, dtype=np.int32)
    if values.shape != (count,):
        raise ValueError(f"{date} has {count} quarter hours, {values.shape} were given")
    return values


def _joined(columns: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate([np.zeros(0, dtype=np.int32), *columns])


def _present(column: NDArray[np.int32]) -> NDArray[np.int64]:
    present: NDArray[np.int64] = column[column != MISSING_WH].astype(np.int64)
    return present
