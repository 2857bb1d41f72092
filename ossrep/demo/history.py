"""What the old system billed before the demo begins: thirteen months of usage and peaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ossrep.demo.book import Contract
from ossrep.demo.schedule import CYCLES, Schedule, read_date
from ossrep.demo.shapes import LoadShapes
from ossrep.kernel.periods import DatePeriod

HISTORY_MONTHS = 13
_DAYS_BETWEEN_SAMPLES = 9


@dataclass(frozen=True, slots=True)
class BilledBefore:
    """One period of one site as the old system billed it."""

    period: DatePeriod
    import_wh: int
    peak_w: int


class History:
    """Scales up the usage of every ninth day: near enough for bills that are long paid."""

    def __init__(self, *, shapes: LoadShapes, schedule: Schedule) -> None:
        self._periods = {cycle: _periods(cycle, schedule) for cycle in CYCLES}
        first = min(periods[0].start for periods in self._periods.values())
        days = range(0, (schedule.first_start - first).days, _DAYS_BETWEEN_SAMPLES)
        self._dates = [first + dt.timedelta(days=day) for day in days]
        values = [shapes.day(date=date).import_wh for date in self._dates]
        self._day_wh = np.stack([wh.sum(axis=1, dtype=np.int64) for wh in values])
        self._peak_w = np.stack([wh.max(axis=1).astype(np.int64) * 4 for wh in values])

    def of(self, *, contract: Contract) -> Iterator[BilledBefore]:
        """Periods of the contract before the demo, in order; none for a newcomer."""
        for period in self._periods[contract.site.cycle]:
            if period.end <= contract.start:
                continue
            served = DatePeriod(max(period.start, contract.start), period.end)
            sampled = [row for row, date in enumerate(self._dates) if date in period]
            number = contract.site.number
            mean_wh = int(self._day_wh[sampled, number].mean())
            peak_w = int(self._peak_w[sampled, number].max())
            yield BilledBefore(served, mean_wh * served.days, peak_w)


def _periods(cycle: str, schedule: Schedule) -> Sequence[DatePeriod]:
    last = schedule.first_month
    months = [last.plus(-back) for back in reversed(range(HISTORY_MONTHS))]
    return [
        DatePeriod(
            read_date(cycle=cycle, month=month.plus(-1)), read_date(cycle=cycle, month=month)
        )
        for month in months
    ]
