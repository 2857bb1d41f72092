"""When the meters of each cycle are read, which periods follow, and when their bills are run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ossrep.kernel.periods import DatePeriod

CYCLES = ("04", "09", "14", "19")
DAYS_FROM_READ_TO_RUN = 3
"""Data of the last day arrives the day after; bills are run when stragglers had their chance."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, counted from year 0 so that months can be added."""

    number: int

    @classmethod
    def of(cls, date: dt.date) -> Month:
        """The month that a date lies in."""
        return cls(date.year * 12 + date.month - 1)

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.number // 12, self.number % 12 + 1, 1)

    def plus(self, months: int) -> Month:
        """So many months later."""
        return Month(self.number + months)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Run:
    """One bill run: a cycle's period and the day on which it is billed."""

    date: dt.date
    cycle: str
    month: Month
    period: DatePeriod


@dataclass(frozen=True, slots=True)
class Schedule:
    """The last ``months`` billing months whose four cycles can all be billed by ``as_of``."""

    as_of: dt.date
    months: int

    @property
    def billing_months(self) -> tuple[Month, ...]:
        """In order; a month's bill ends with the read of that month."""
        last = Month.of(self.as_of)
        while any(run_date(cycle=cycle, month=last) > self.as_of for cycle in CYCLES):
            last = last.plus(-1)
        return tuple(last.plus(-back) for back in reversed(range(self.months)))

    @property
    def first_month(self) -> Month:
        """The month whose read ends the old system's last bills."""
        return self.billing_months[0].plus(-1)

    def start(self, *, cycle: str) -> dt.date:
        """From this read on the demo bills a cycle; up to it the old system did."""
        return read_date(cycle=cycle, month=self.first_month)

    def end(self, *, cycle: str) -> dt.date:
        """The last read date of a cycle in the demo."""
        return read_date(cycle=cycle, month=self.billing_months[-1])

    @property
    def first_start(self) -> dt.date:
        """The first day of the demo's usage."""
        return min(self.start(cycle=cycle) for cycle in CYCLES)

    def last_period(self, *, cycle: str) -> DatePeriod:
        """The period that a cycle's last run bills."""
        return next(run.period for run in reversed(list(self.runs())) if run.cycle == cycle)

    def runs(self) -> Iterator[Run]:
        """Every bill run in the order of its date."""
        for month in self.billing_months:
            for cycle in CYCLES:
                yield Run(
                    date=run_date(cycle=cycle, month=month),
                    cycle=cycle,
                    month=month,
                    period=DatePeriod(
                        read_date(cycle=cycle, month=month.plus(-1)),
                        read_date(cycle=cycle, month=month),
                    ),
                )


def read_date(*, cycle: str, month: Month) -> dt.date:
    """A cycle's nominal day of the month, or the Monday after where that is a weekend."""
    date = month.first.replace(day=int(cycle))
    return date + dt.timedelta(days=7 - date.weekday() if _is_weekend(date) else 0)


def run_date(*, cycle: str, month: Month) -> dt.date:
    """The day on which a cycle's bills of a month are run."""
    return read_date(cycle=cycle, month=month) + dt.timedelta(days=DAYS_FROM_READ_TO_RUN)


def _is_weekend(date: dt.date) -> bool:
    return date.weekday() >= _SATURDAY
