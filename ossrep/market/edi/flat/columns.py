"""Interval rows of either flattened format to the columns of a series, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from ossrep.market.edi.flat.model import Row, cannot_write, compact_date
from ossrep.market.edi.texas_set.intervals import (
    IntervalSeries,
    UnreadableValue,
    interval_minutes,
    read_ends,
    read_millionths,
    write_ends,
    write_millionths,
)
from ossrep.market.edi.texas_set.model import Moment


@dataclass(slots=True)
class Columns:
    """What the interval rows of one loop say, until they are all there."""

    meter_type: str
    rows: list[Row] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    qualifiers: list[str] = field(default_factory=list)
    quantities: list[str] = field(default_factory=list)

    def add(self, row: Row, date: Moment | None, time: str) -> None:
        """One interval; its unit, where it has one, must be that of the meter type."""
        unit = row.text("unit")
        if unit not in ("", self.meter_type[:2]):
            raise row.wrong("unit", f"the unit of the meter type, {self.meter_type[:2]!r}")
        self.rows.append(row)
        self.dates.append(compact_date(date.date if date else None))
        self.times.append(time)
        self.qualifiers.append(row.text("qualifier"))
        self.quantities.append(row.text("quantity"))

    def series(self) -> IntervalSeries:
        """The columns as a series; the error names the row that cannot be read."""
        minutes = interval_minutes(self.meter_type)
        try:
            millionths = read_millionths(self.quantities)
        except UnreadableValue as error:
            raise self.rows[error.index].wrong("quantity", error.expected) from None
        try:
            ends = read_ends(self.dates, self.times, minutes)
        except UnreadableValue as error:
            raise self.rows[error.index].wrong("interval_time", error.expected) from None
        return IntervalSeries(
            unit=self.meter_type[:2],
            minutes=minutes,
            end_minutes=ends,
            millionths=millionths,
            qualifiers=tuple(self.qualifiers),
        )


def write_series(
    meter_type: str, series: IntervalSeries, layout: str
) -> Iterator[tuple[dt.date, str, str, str]]:
    """End date, end time (HHMM), qualifier and quantity of each interval."""
    if series.unit != meter_type[:2] or series.minutes != interval_minutes(meter_type):
        raise cannot_write(layout, f"intervals of {series.minutes} minutes at {meter_type!r}")
    if not len(series):
        raise cannot_write(layout, "a series without intervals")
    ends = write_ends(series.end_minutes)
    for (date, time), qualifier, value in zip(
        ends, series.qualifiers, series.millionths, strict=True
    ):
        day = dt.date(int(date[:4]), int(date[4:6]), int(date[6:]))
        yield day, time, qualifier, write_millionths(value)
