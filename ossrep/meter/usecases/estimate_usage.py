"""Estimating what is absent, so that a bill can be made; actual values replace it later."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models.functions import Now
from numpy.typing import NDArray

from ossrep.meter.db import transaction
from ossrep.meter.domain.interval_days import (
    EXPORT,
    IMPORT,
    INTERPOLATED,
    LIKE_DAY,
    PROFILED,
    DayKey,
    ReadDay,
    blocks_of,
    day_start_us,
)
from ossrep.meter.domain.vee.estimation import HISTORY_DAYS, Estimate, History, estimate_day
from ossrep.meter.models import Intake, LoadProfile
from ossrep.meter.queries.current_days import get_current_days
from ossrep.meter.queries.gaps import ESTIMATED, DayGap, find_gaps
from ossrep.meter.queries.register_usage import RegisterPeriod, get_register_periods
from ossrep.meter.queries.service_windows import ServiceWindow
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.store_days import Desk, IntakeRef, store_days
from ossrep.published.meter import MISSING_WH

POINTS_PER_BATCH = 500
DEFAULT_PROFILE = "residential"
METHOD_NAMES = {LIKE_DAY: "like_day", INTERPOLATED: "interpolation", PROFILED: "profile"}


@dataclass(slots=True)
class EstimationReport:
    """Days estimated, quarter hours by method, and days for which nothing known gives a value."""

    days: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    unsupported: list[DayGap] = field(default_factory=list)


def estimate_usage(
    *,
    windows: Sequence[ServiceWindow],
    as_of: dt.date,
    received_at: dt.datetime,
    profile: str = DEFAULT_PROFILE,
) -> EstimationReport:
    """Estimates absent days and quarter hours of the windows before ``as_of``.

    Each becomes a revision of its own (source VEE) that ranks below every actual one: it has the
    source time of what it completes, or of the day's beginning. Days that are whole, estimated or
    not, stay as they are.
    """
    gaps = [
        gap for gap in find_gaps(windows=windows) if gap.state != ESTIMATED and gap.date < as_of
    ]
    report = EstimationReport()
    if not gaps:
        return report
    with transaction():
        intake = Intake.objects.create(
            kind="vee", name=f"estimation as of {as_of}", received_at=received_at
        )
    desk = Desk(MeterPointRegistry(), load_rulebook())
    ref = IntakeRef(intake.pk, "vee", intake.name, received_at)
    by_point: dict[str, list[DayGap]] = {}
    for gap in gaps:
        by_point.setdefault(gap.esi_id, []).append(gap)
    esi_ids = sorted(by_point)
    shapes = _profile(profile)
    for begin in range(0, len(esi_ids), POINTS_PER_BATCH):
        chunk = [gap for e in esi_ids[begin : begin + POINTS_PER_BATCH] for gap in by_point[e]]
        _estimate_batch(chunk, ref, desk, shapes, report)
    Intake.objects.filter(pk=intake.pk).update(state="done", finished_at=Now())
    return report


Shapes = tuple[NDArray[np.int64], NDArray[np.int64]] | None


def _profile(code: str) -> Shapes:
    found = {row.is_weekend: row.shape for row in LoadProfile.objects.filter(code=code)}
    if len(found) < 2:
        return None
    return np.array(found[False], dtype=np.int64), np.array(found[True], dtype=np.int64)


def _estimate_batch(
    gaps: Sequence[DayGap], ref: IntakeRef, desk: Desk, shapes: Shapes, report: EstimationReport
) -> None:
    points = desk.registry.resolve(esi_ids={gap.esi_id.encode() for gap in gaps})
    known = _Known(gaps, points.values())
    estimated: list[ReadDay] = []
    for gap in gaps:
        meter_point_id = points.get(gap.esi_id.encode())
        day = None if meter_point_id is None else known.estimate(gap, meter_point_id, shapes)
        if day is None:
            report.unsupported.append(gap)
            continue
        read, estimate = day
        estimated.append(read)
        report.days += 1
        for letter, name in METHOD_NAMES.items():
            count = int((estimate.methods == letter).sum())
            if count:
                report.methods[name] += count
    store_days(
        blocks=blocks_of(estimated), refusals=[], intake=ref, desk=desk, refusal_format="vee"
    )


@dataclass(frozen=True, slots=True)
class _KnownDay:
    wh: NDArray[np.int32]
    quality: NDArray[np.uint8]
    source_time_us: int
    is_actual: bool


class _Known:
    """What is stored around the gaps, and the estimates as they are made."""

    def __init__(self, gaps: Sequence[DayGap], meter_point_ids: Iterable[int]) -> None:
        ids = set(meter_point_ids)
        first = min(gap.date for gap in gaps)
        start = first - dt.timedelta(days=HISTORY_DAYS)
        end = max(gap.date for gap in gaps) + dt.timedelta(days=2)
        self._days: dict[tuple[int, int], dict[dt.date, _KnownDay]] = {}
        for block in get_current_days(meter_point_ids=ids, start=start, end=end):
            times = block.source_times.astype(np.int64)
            for i, date in enumerate(block.dates.tolist()):
                key = (int(block.meter_point_ids[i]), int(block.directions[i]))
                self._days.setdefault(key, {})[date] = _KnownDay(
                    block.wh[i], block.quality[i], int(times[i]), not block.estimated[i]
                )
        self._registers = get_register_periods(meter_point_ids=sorted(ids), since=first)

    def estimate(
        self, gap: DayGap, meter_point_id: int, shapes: Shapes
    ) -> tuple[ReadDay, Estimate] | None:
        """The day of a gap with all its values; None where nothing supports them."""
        days = self._days.setdefault((meter_point_id, gap.direction), {})
        history = History(
            days={date: day.wh for date, day in days.items()},
            actual_dates=frozenset(date for date, day in days.items() if day.is_actual),
            profile=shapes if gap.direction == IMPORT else None,
            daily_wh=self._daily_wh(gap, meter_point_id, days),
        )
        estimate = estimate_day(date=gap.date, history=history)
        if estimate is None:
            return None
        before = days.get(gap.date)
        quality = estimate.methods
        if before is not None:
            quality = np.where(estimate.methods > 0, estimate.methods, before.quality)
        time = before.source_time_us if before else day_start_us(gap.date)
        key = DayKey(gap.esi_id.encode(), gap.date, gap.direction, time)
        # Later gaps of the same point see this day, but never as an actual one.
        days[gap.date] = _KnownDay(estimate.wh, quality, time, is_actual=False)
        return ReadDay(key, 0, estimate.wh.tolist(), quality.tobytes()), estimate

    def _daily_wh(
        self, gap: DayGap, meter_point_id: int, days: dict[dt.date, _KnownDay]
    ) -> int | None:
        for period in self._registers.get(meter_point_id, []):
            if period.start <= gap.date < period.end:
                return _share_of_register(gap.direction, period, days)
        whole = [
            int(day.wh.sum(dtype=np.int64))
            for day in days.values()
            if not (day.wh == MISSING_WH).any()
        ]
        return sum(whole) // len(whole) if whole else None


def _share_of_register(
    direction: int, period: RegisterPeriod, days: dict[dt.date, _KnownDay]
) -> int:
    """An equal part, for each day without any value, of what the register has above the rest."""
    total = period.export_wh if direction == EXPORT else period.import_wh
    absent = (period.end - period.start).days
    for date, day in days.items():
        if period.start <= date < period.end:
            total -= int(np.where(day.wh == MISSING_WH, 0, day.wh).sum(dtype=np.int64))
            absent -= 1
    return max(total, 0) // max(absent, 1)
