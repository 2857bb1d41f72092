"""What the meters of a book tell, day by day: usage, and what is estimated, late or never told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.demo.book import Oddity, Site
from ossrep.demo.schedule import Schedule
from ossrep.demo.shapes import LoadShapes

Mask = NDArray[np.bool_]

ESTIMATED_SHARE = 0.01
"""Of the days, those with some estimated quarter hours."""
CORRECTED_SHARE = 0.3
"""Of the days with estimates, those whose actual values follow in a correction."""
LOST_SHARE = 0.001
"""Of the days, those that are not in the daily files."""
NEVER_SHARE = 0.15
"""Of the days that are not in the daily files, those that never come."""

_GAP_DAYS = 6
_SILENT_DAYS = 10
_ESTIMATED_QUARTERS = 14
_JUMP = 9


@dataclass(frozen=True, slots=True)
class DayReadings:
    """One local date of all sites; rows of the arrays are sites, shape ``(sites, 92|96|100)``.

    ``first_wh`` has the estimates where ``estimated`` is set, ``actual_wh`` what the meter
    measured. A site is in the daily file, in a late file, or nowhere.
    """

    date: dt.date
    actual_wh: NDArray[np.int32]
    first_wh: NDArray[np.int32]
    export_wh: NDArray[np.int32]
    estimated: Mask
    in_daily_file: Mask
    in_late_file: Mask
    in_correction: Mask


class Readings:
    """Draws the same days for the same seed and sites."""

    def __init__(self, *, sites: Sequence[Site], seed: int, schedule: Schedule) -> None:
        self._sites = sites
        self._seed = seed
        self._shapes = LoadShapes(kinds=[site.kind for site in sites], seed=seed)
        self._first_days = np.array([site.first_day.toordinal() for site in sites])
        self._has_export = np.array([site.kind == "solar_home" for site in sites])
        runs = list(schedule.runs())
        self._first_periods = {run.cycle: run.period for run in reversed(runs)}
        self._last_periods = {run.cycle: run.period for run in runs}

    @property
    def has_export(self) -> Mask:
        """Sites with a channel for what they feed into the grid, shape ``(sites,)``."""
        return self._has_export

    @property
    def shapes(self) -> LoadShapes:
        """What the sites would use if nothing odd happened."""
        return self._shapes

    def served(self, *, date: dt.date) -> Mask:
        """Sites with service on a date, shape ``(sites,)``."""
        served: Mask = self._first_days <= date.toordinal()
        return served

    def day(self, *, date: dt.date) -> DayReadings:
        """All sites on one local date, clock changes included."""
        values = self._shapes.day(date=date)
        actual_wh = values.import_wh * self._factors(date)[:, None]
        rng = np.random.default_rng([self._seed, 4, date.toordinal()])
        draws = rng.random((4, len(self._sites)))
        served = self.served(date=date)
        lost = draws[0] < LOST_SHARE
        never = self._in_oddity(Oddity.GAP, date) | self._in_oddity(Oddity.SILENT, date)
        late = (
            served
            & ~never
            & ((lost & (draws[1] >= NEVER_SHARE)) | self._in_oddity(Oddity.LATE, date))
        )
        daily = served & ~never & ~lost & ~late
        estimated_sites = daily & (draws[2] < ESTIMATED_SHARE)
        estimated = self._estimated(estimated_sites, actual_wh.shape[1], rng)
        return DayReadings(
            date=date,
            actual_wh=actual_wh,
            first_wh=_with_estimates(actual_wh, estimated),
            export_wh=values.export_wh,
            estimated=estimated,
            in_daily_file=daily,
            in_late_file=late,
            in_correction=estimated_sites & (draws[3] < CORRECTED_SHARE),
        )

    def _estimated(self, sites: Mask, quarters: int, rng: np.random.Generator) -> Mask:
        """A run of quarter hours of each given site."""
        begins = rng.integers(0, quarters - _ESTIMATED_QUARTERS, len(sites))[:, None]
        quarter = np.arange(quarters)[None, :]
        within = (quarter >= begins) & (quarter < begins + _ESTIMATED_QUARTERS)
        masked: Mask = within & sites[:, None]
        return masked

    def _factors(self, date: dt.date) -> NDArray[np.int32]:
        factors = np.ones(len(self._sites), dtype=np.int32)
        factors[self._in_oddity(Oddity.JUMP, date)] = _JUMP
        factors[self._in_oddity(Oddity.VANISHED, date)] = 0
        return factors

    def _in_oddity(self, oddity: Oddity, date: dt.date) -> Mask:
        return np.array(
            [site.oddity is oddity and self._is_hit(oddity, site, date) for site in self._sites],
            dtype=np.bool_,
        )

    def _is_hit(self, oddity: Oddity, site: Site, date: dt.date) -> bool:
        first, last = self._first_periods[site.cycle], self._last_periods[site.cycle]
        match oddity:
            case Oddity.GAP | Oddity.LATE:
                middle = first.start + dt.timedelta(days=first.days // 2)
                return middle <= date < middle + dt.timedelta(days=_GAP_DAYS)
            case Oddity.SILENT:
                return date >= last.end - dt.timedelta(days=_SILENT_DAYS)
            case _:
                return date >= last.start


def _with_estimates(actual_wh: NDArray[np.int32], estimated: Mask) -> NDArray[np.int32]:
    """The site's mean of the day stands where a value is estimated."""
    means = np.rint(actual_wh.mean(axis=1)).astype(np.int32)
    return np.where(estimated, means[:, None], actual_wh)
