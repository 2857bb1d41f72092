"""Which file each day of usage arrives in: LSE of the TDSP, SMT's portal, late, corrected."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ossrep.demo import places
from ossrep.demo.book import Site
from ossrep.demo.files.interval_files import (
    PointDay,
    lse_name,
    write_lse,
    write_smt_csv,
    write_wide_csv,
)
from ossrep.demo.readings import DayReadings, Mask, Readings
from ossrep.demo.schedule import Month, Schedule
from ossrep.kernel.market_time import MARKET_ZONE

PORTAL_WIRES = "AEP_NORTH"
"""This TDSP's data comes week by week from Smart Meter Texas instead of day by day."""

LSE_BLOCKS_SUGGESTED, LSE_BLOCKS_MAX = 10_000 // 29, 50_000 // 29
"""10,000 to 50,000 records a file (RMG 7.15.2), at 29 rows for a day's block."""

_READ_AT = dt.timedelta(days=1, hours=2, minutes=30)
_SENT_AT = dt.timedelta(days=1, hours=22, minutes=15)
_LATE_BY = dt.timedelta(days=4)
_CORRECTED_AFTER = dt.timedelta(days=6)
_CAUGHT_UP_AFTER = dt.timedelta(days=7)
_STRANGER = "10443728999999999"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The interval files that arrive up to the last run of a billing month, and those after it.

    ``caught_up`` is the day on which the late ones are there; it ends with the demo's today.
    """

    month: Month
    dates: Sequence[dt.date]
    last_run: dt.date
    caught_up: dt.date

    def folder(self, root: Path) -> Path:
        """Where its files lie."""
        return root / f"{self.month}"

    def late_folder(self, root: Path) -> Path:
        """Where those lie that arrive after the month's runs."""
        return root / f"{self.month}-late"


@dataclass(slots=True)
class Delivered:
    """What was written: files, and interval days by the way they came (``missing``: not at all)."""

    files: int = 0
    quarter_hours: int = 0
    days: Counter[str] = field(default_factory=Counter)

    def count(self, way: str, points: Sequence[PointDay], days: int) -> None:
        """One more file, with its interval days."""
        self.files += 1
        self.days[way] += days
        self.quarter_hours += sum(len(point.wh) for point in points)


def deliveries(*, schedule: Schedule) -> Iterator[Delivery]:
    """One for each billing month; a day's data arrives on the day after."""
    start = schedule.first_start
    runs = {run.month: run.date for run in schedule.runs()}
    for month, last_run in runs.items():
        end = schedule.as_of if month == schedule.billing_months[-1] else last_run
        dates = [start + dt.timedelta(days=day) for day in range((end - start).days)]
        caught_up = min(last_run + _CAUGHT_UP_AFTER, schedule.as_of)
        yield Delivery(month, dates, last_run, caught_up)
        start = end


class _LseBox:
    """One TDSP's days until they fill a file of the size that the market guide suggests.

    At most a week waits; a day that is larger than a file goes out in several.
    """

    def __init__(self, wires: places.Wires, counter: int, folder: Path) -> None:
        self.wires = wires
        self._counter = counter
        self._folder = folder
        self._waiting: list[PointDay] = []

    def add(self, points: list[PointDay], told: Delivered) -> None:
        """Takes a day's blocks; sends what is enough for a file."""
        self._waiting += points
        if len(self._waiting) >= LSE_BLOCKS_SUGGESTED:
            self.send(told)

    def send(self, told: Delivered) -> None:
        """Writes all that waits."""
        waiting, self._waiting = self._waiting, []
        for number, begin in enumerate(range(0, len(waiting), LSE_BLOCKS_MAX)):
            points = waiting[begin : begin + LSE_BLOCKS_MAX]
            sent_at = _at(points[-1].date, _SENT_AT) + dt.timedelta(minutes=number)
            name = lse_name(duns=self.wires.duns, sent_at=sent_at, counter=self._counter)
            blocks = write_lse(path=self._folder / name, duns=self.wires.duns, days=points)
            told.count("lse", points, blocks)


class IntervalWriter:
    """Writes the files of deliveries, one after the other."""

    def __init__(
        self, *, sites: Sequence[Site], readings: Readings, report: Callable[[int], None]
    ) -> None:
        self._sites = sites
        self._report = report
        self._readings = readings
        codes = np.array([site.wires.code for site in sites])
        self.days_of_first_site: list[PointDay] = []
        self._of_wires = {wires.code: codes == wires.code for wires in places.WIRES}

    def write(self, *, delivery: Delivery, root: Path) -> Delivered:
        """All files of one delivery; what is there already is written anew."""
        told = Delivered()
        folder, late_folder = delivery.folder(root), delivery.late_folder(root)
        folder.mkdir(parents=True, exist_ok=True)
        late_folder.mkdir(parents=True, exist_ok=True)
        late: list[PointDay] = []
        corrections: list[PointDay] = []
        boxes = [
            _LseBox(wires, counter, folder)
            for counter, wires in enumerate(places.WIRES, start=1)
            if wires.code != PORTAL_WIRES
        ]
        for _, week in groupby(delivery.dates, key=lambda date: date.isocalendar()[:2]):
            portal: list[PointDay] = []
            for date in week:
                day = self._readings.day(date=date)
                self._post_lse(day, boxes, told)
                portal += self._daily(day, self._of_wires[PORTAL_WIRES])
                if date + _LATE_BY <= delivery.caught_up:
                    late += self._points(day, day.in_late_file, day.actual_wh, after=_LATE_BY)
                else:
                    told.days["missing"] += int(day.in_late_file.sum())
                if date + _CORRECTED_AFTER <= delivery.caught_up:
                    corrections += self._corrections(day)
                told.days["missing"] += self._missing(day)
                self.days_of_first_site.append(self._first_site(day))
                self._report(1)
            self._write_portal(portal, folder, told)
            for box in boxes:
                box.send(told)
        self._write_late(late, corrections, late_folder, told)
        return told

    def _post_lse(self, day: DayReadings, boxes: Sequence[_LseBox], told: Delivered) -> None:
        for box in boxes:
            points = self._daily(day, self._of_wires[box.wires.code])
            if points and box.wires is places.WIRES[0] and day.date.day == _STRANGERS_DAY:
                points.append(_of_a_stranger(points[0]))
            box.add(points, told)

    def _write_portal(self, points: list[PointDay], folder: Path, told: Delivered) -> None:
        if points:
            name = f"IntervalMeterUsage-{points[-1].date:%Y%m%d}.csv.gz"
            told.count("smt", points, write_smt_csv(path=folder / name, days=points))

    def _write_late(
        self,
        late: list[PointDay],
        corrections: list[PointDay],
        folder: Path,
        told: Delivered,
    ) -> None:
        # The last line of a late file broke off on its way: it has a value too few.
        if late:
            broken = f"{late[0].esi_id},{late[0].date},import,"
            broken += f"{_at(late[0].date, _LATE_BY).isoformat()},A,0.1,0.2,0.3"
            path = folder / "late.csv.gz"
            told.count("late", late, write_wide_csv(path=path, days=late, more=[broken]))
        if corrections:
            path = folder / "corrections.csv.gz"
            told.count("correction", corrections, write_wide_csv(path=path, days=corrections))

    def _daily(self, day: DayReadings, of_wires: Mask) -> list[PointDay]:
        return self._points(day, day.in_daily_file & of_wires, day.first_wh, after=_READ_AT)

    def _corrections(self, day: DayReadings) -> list[PointDay]:
        points = self._points(day, day.in_correction, day.actual_wh, after=_CORRECTED_AFTER)
        return [point for point in points if not point.is_export]

    def _missing(self, day: DayReadings) -> int:
        served = self._readings.served(date=day.date)
        return int((served & ~day.in_daily_file & ~day.in_late_file).sum())

    def _first_site(self, day: DayReadings) -> PointDay:
        """What the first meter measured, whatever became of it."""
        wh = day.actual_wh[0]
        none = np.zeros(len(wh), dtype=np.bool_)
        return PointDay(self._sites[0].esi_id, day.date, False, wh, none, _at(day.date, _READ_AT))

    def _points(
        self, day: DayReadings, mask: Mask, import_wh: NDArray[np.int32], *, after: dt.timedelta
    ) -> list[PointDay]:
        is_first_value = import_wh is day.first_wh
        none = np.zeros(import_wh.shape[1], dtype=np.bool_)
        points = []
        for row in np.flatnonzero(mask).tolist():
            esi_id = self._sites[row].esi_id
            read_at = _at(day.date, after)
            estimated = day.estimated[row] if is_first_value else none
            points.append(PointDay(esi_id, day.date, False, import_wh[row], estimated, read_at))
            if self._readings.has_export[row]:
                points.append(PointDay(esi_id, day.date, True, day.export_wh[row], none, read_at))
        return points


_STRANGERS_DAY = 13


def _of_a_stranger(point: PointDay) -> PointDay:
    """A TDSP's file may hold a meter point that is not the retailer's (any more)."""
    return PointDay(_STRANGER, point.date, False, point.wh, point.estimated, point.read_at)


def _at(date: dt.date, after: dt.timedelta) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), MARKET_ZONE) + after
