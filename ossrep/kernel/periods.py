"""Half-open periods of local dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from ossrep.kernel.errors import DomainError


class InvalidPeriod(DomainError):
    """A period whose end does not come after its start."""

    code = "invalid_period"


@dataclass(frozen=True, slots=True, order=True)
class DatePeriod:
    """Local dates ``[start, end)``: the start day counts, the end day does not."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod(f"the end {self.end} must come after the start {self.start}")

    @classmethod
    def of_day(cls, date: dt.date) -> Self:
        """One local day. Raises InvalidPeriod for the calendar's last, which no day follows."""
        if date == dt.date.max:
            raise InvalidPeriod(f"no day follows {date}: give an earlier date")
        return cls(date, date + dt.timedelta(days=1))

    @property
    def days(self) -> int:
        """Number of local days, at least 1."""
        return (self.end - self.start).days

    def dates(self) -> Iterator[dt.date]:
        """Each local date of the period in order."""
        for offset in range(self.days):
            yield self.start + dt.timedelta(days=offset)

    def overlaps(self, other: DatePeriod) -> bool:
        """True when the two share a day."""
        return self.start < other.end and other.start < self.end

    def __contains__(self, date: dt.date) -> bool:
        return self.start <= date < self.end

    def __str__(self) -> str:
        return f"{self.start}..{self.end}"
