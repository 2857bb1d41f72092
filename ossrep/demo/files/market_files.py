"""Read calendars as CSV and market prices as ERCOT's settlement point price files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ossrep.demo import places
from ossrep.demo.files.csv_files import write_csv
from ossrep.demo.schedule import CYCLES, Month, Schedule, read_date
from ossrep.kernel.market_time import interval_start_minutes

_CALENDAR = ("tdsp", "read_cycle", "month", "read_date")
_SPP = (
    "DeliveryDate", "DeliveryHour", "DeliveryInterval", "SettlementPointName",
    "SettlementPointType", "SettlementPointPrice", "DSTFlag",
)  # fmt: skip
_MONTHS_BEFORE = 14
_MONTHS_AFTER = 3


def write_read_calendar(*, path: Path, schedule: Schedule) -> int:
    """Every TDSP's reads from over a year before the demo to a season after it."""
    last = schedule.billing_months[-1]
    first = schedule.first_month.plus(-_MONTHS_BEFORE)
    months = [Month(number) for number in range(first.number, last.number + _MONTHS_AFTER + 1)]
    return write_csv(
        path=path,
        columns=_CALENDAR,
        rows=(
            (wires.code, cycle, month, read_date(cycle=cycle, month=month))
            for wires in places.WIRES
            for cycle in CYCLES
            for month in months
        ),
    )


def write_prices(*, path: Path, points: Sequence[str], dates: Sequence[dt.date], seed: int) -> int:
    """Prices of load zones for each quarter hour of some dates; returns the number of rows."""
    return write_csv(
        path=path,
        columns=_SPP,
        rows=(
            row
            for date in dates
            for place, point in enumerate(points)
            for row in _price_rows(date=date, point=point, seed=[seed, 20, place, date.toordinal()])
        ),
    )


def _price_rows(*, date: dt.date, point: str, seed: list[int]) -> Iterator[Sequence[object]]:
    minutes = interval_start_minutes(date).astype(np.int64)
    prices = _usd_per_mwh(minutes / 60.0, np.random.default_rng(seed))
    seen: set[int] = set()
    for minute, price in zip(minutes.tolist(), prices.tolist(), strict=True):
        flag = "Y" if minute in seen else "N"
        seen.add(minute)
        hour, quarter = minute // 60 + 1, minute % 60 // 15 + 1
        yield (f"{date:%m/%d/%Y}", hour, quarter, point, "LZ", f"{price:.2f}", flag)


def _usd_per_mwh(hour: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Cheap windy nights, some below zero; dear evenings after sunset; seldom a spike."""
    evening = np.exp(-(((hour - 19.5) / 1.6) ** 2))
    night = np.exp(-(((hour - 3.5) / 2.5) ** 2))
    wind = rng.uniform(0.0, 1.0)
    prices = 24.0 + 38.0 * evening * (1.4 - wind) - 30.0 * night * wind
    prices = prices + rng.normal(0.0, 4.0, hour.size)
    spikes = (rng.random(hour.size) < 0.004) * rng.uniform(200.0, 1_800.0, hour.size)
    total: NDArray[np.float64] = prices + spikes
    return total
