"""Judging stored days again: with today's thresholds, their neighbours, and the registers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import intervals_in_day
from ossrep.meter.db import transaction
from ossrep.meter.domain.vee.rules import (
    PERIOD_SUM_CHECK,
    RULES,
    WHOLE_DAY,
    Days,
    Failures,
    RuleFailures,
    check_days,
)
from ossrep.meter.queries.current_days import CurrentDays, get_current_days
from ossrep.meter.queries.gaps import ABSENT, find_gaps
from ossrep.meter.queries.meter_points import MeterPointRef, find_meter_points
from ossrep.meter.queries.register_usage import get_register_periods
from ossrep.meter.queries.service_windows import ServiceWindow
from ossrep.meter.usecases.check_periods import RegisteredPeriod, check_periods
from ossrep.meter.usecases.interval_rows import Decided
from ossrep.meter.usecases.keep_vee_results import keep_results
from ossrep.meter.usecases.load_rulebook import Rulebook, load_rulebook

WINDOWS_PER_BATCH = 500
ONE_DAY = np.timedelta64(1, "D")


@dataclass(slots=True)
class ValidationReport:
    """Days and register periods that were judged, and how many fail which rule."""

    days: int = 0
    periods: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    ruleset_id: int = 0


def validate_usage(*, windows: Sequence[ServiceWindow], found_at: dt.datetime) -> ValidationReport:
    """Judges all days of the windows by all rules; what fails is written down once a ruleset.

    Beyond what every import checks, a day is compared with the day before it, absent days count
    as gaps, and register periods that lie inside a window with the sum of their intervals.
    """
    rulebook = load_rulebook()
    report = ValidationReport(ruleset_id=rulebook.ruleset_id)
    for begin in range(0, len(windows), WINDOWS_PER_BATCH):
        batch = windows[begin : begin + WINDOWS_PER_BATCH]
        points = find_meter_points(esi_ids={window.esi_id for window in batch})
        with transaction():
            _validate_days(batch, points, rulebook, found_at, report)
            _note_absent_days(batch, points, rulebook, found_at, report)
            _validate_periods(batch, points, rulebook, found_at, report)
    return report


def _validate_days(
    windows: Sequence[ServiceWindow],
    points: dict[str, MeterPointRef],
    rulebook: Rulebook,
    found_at: dt.datetime,
    report: ValidationReport,
) -> None:
    blocks = get_current_days(
        meter_point_ids=[point.meter_point_id for point in points.values()],
        start=min(window.start for window in windows) - dt.timedelta(days=1),
        end=max(window.end for window in windows),
    )
    wanted = _wanted(windows, points)
    digests = {
        key: digest for block in blocks for key, digest in zip(*_keyed_digests(block), strict=True)
    }
    for block in blocks:
        keys, own = _keyed_digests(block)
        inside = np.array([key[:2] in wanted for key in keys], dtype=np.bool_)
        one = dt.timedelta(days=1)
        same = [
            digests.get((key[0], key[1] - one, key[2])) == digest
            for key, digest in zip(keys, own, strict=True)
        ]
        days = _days(block, np.array(same, dtype=np.bool_))
        failed, failures = check_days(days=days, thresholds=rulebook.thresholds)
        report.days += int(inside.sum())
        report.failed.update(
            keep_results(
                failures=failures,
                decided=Decided(
                    block.meter_point_ids,
                    block.revisions.astype(np.int16),
                    inside,
                    inside,
                    failed,
                ),
                dates=block.dates,
                directions=block.directions,
                ruleset_id=rulebook.ruleset_id,
                found_at=found_at,
            )
        )


Key = tuple[int, dt.date, int]


def _keyed_digests(block: CurrentDays) -> tuple[list[Key], list[bytes]]:
    keys = zip(
        block.meter_point_ids.tolist(),
        block.dates.tolist(),
        block.directions.tolist(),
        strict=True,
    )
    return list(keys), [digest.tobytes() for digest in block.digests]


def _wanted(
    windows: Sequence[ServiceWindow], points: dict[str, MeterPointRef]
) -> set[tuple[int, dt.date]]:
    return {
        (points[window.esi_id].meter_point_id, window.start + dt.timedelta(days=day))
        for window in windows
        if window.esi_id in points
        for day in range((window.end - window.start).days)
    }


def _days(block: CurrentDays, same_as_day_before: NDArray[np.bool_]) -> Days:
    dates, place = np.unique(block.dates, return_inverse=True)
    counts = np.array([intervals_in_day(date) for date in dates.tolist()], dtype=np.int64)
    return Days(
        meter_point_ids=block.meter_point_ids,
        directions=block.directions,
        wh=block.wh,
        expected_intervals=counts[place],
        register_wh=block.register_wh,
        same_as_day_before=same_as_day_before,
    )


def _note_absent_days(
    windows: Sequence[ServiceWindow],
    points: dict[str, MeterPointRef],
    rulebook: Rulebook,
    found_at: dt.datetime,
    report: ValidationReport,
) -> None:
    absent = [
        gap for gap in find_gaps(windows=windows) if gap.state == ABSENT and gap.esi_id in points
    ]
    if not absent:
        return
    ids = np.array([points[gap.esi_id].meter_point_id for gap in absent], dtype=np.int64)
    size = len(absent)
    allowed = rulebook.thresholds.column(
        rule="gap", name="missing_intervals_max", meter_point_ids=ids
    )
    missing = np.array([gap.missing for gap in absent], dtype=np.int64)
    days = np.flatnonzero(missing > allowed)
    failures = Failures(days, missing[days], allowed[days], np.full(len(days), WHOLE_DAY))
    everywhere = np.ones(size, dtype=np.bool_)
    report.failed.update(
        keep_results(
            failures=[RuleFailures("gap", RULES["gap"].version, failures)],
            decided=Decided(
                ids, np.zeros(size, np.int16), everywhere, everywhere, np.zeros(size, np.int32)
            ),
            dates=np.array([gap.date for gap in absent], dtype="M8[D]"),
            directions=np.array([gap.direction for gap in absent], dtype=np.int8),
            ruleset_id=rulebook.ruleset_id,
            found_at=found_at,
        )
    )


def _validate_periods(
    windows: Sequence[ServiceWindow],
    points: dict[str, MeterPointRef],
    rulebook: Rulebook,
    found_at: dt.datetime,
    report: ValidationReport,
) -> None:
    ids = [point.meter_point_id for point in points.values()]
    since = min(window.start for window in windows)
    found = get_register_periods(meter_point_ids=ids, since=since)
    inside = [
        RegisteredPeriod(
            points[window.esi_id].meter_point_id,
            window.esi_id,
            period.start,
            period.end,
            period.import_wh,
        )
        for window in windows
        if window.esi_id in points
        for period in found.get(points[window.esi_id].meter_point_id, [])
        if window.start <= period.start and period.end <= window.end
    ]
    report.periods += len(inside)
    failed = check_periods(periods=inside, rulebook=rulebook, found_at=found_at)
    if failed:
        report.failed[PERIOD_SUM_CHECK] += failed
