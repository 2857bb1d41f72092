"""Reading the usage and the market prices of a quote (``docs/formats/quote.md``)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import (
    INTERVALS_PER_DAY_MAX,
    interval_counts,
    interval_start_minutes,
    intervals_in_day,
)
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import PriceSeries, UsageBlock
from ossrep.rating.calendars import clock
from ossrep.rating.documents import KWH_DECIMALS, FieldReader, Problems

DAYS_MAX = 1_000
SERIES_MAX = 20
KW_MAX = Decimal(10**7)
_WH_MAX = 2**31 - 1
_PRICE = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,2})?")


def read_usage(
    document: object, path: str, period: DatePeriod, problems: Problems
) -> UsageBlock | None:
    """One site's usage as a block of one row; None where it is wrong.

    ``{"days": [...]}`` of quarter hours, days outside the period are ignored; or registers.
    """
    before = len(problems)
    fields = FieldReader(document, path, problems)
    read = _from_days if fields.has("days") else _from_registers
    block = read(fields, period)
    fields.finish()
    return block if len(problems) == before else None


def _from_registers(fields: FieldReader, period: DatePeriod) -> UsageBlock:
    import_kwh = fields.kwh("import_kwh")
    export_kwh = fields.optional_kwh("export_kwh")
    peak_kw = optional_kw(fields, "peak_kw")
    return UsageBlock(
        period=period,
        register_import_wh=thousands(import_kwh),
        register_export_wh=None if export_kwh is None else thousands(export_kwh),
        register_peak_w=None if peak_kw is None else thousands(peak_kw),
    )


def optional_kw(fields: FieldReader, name: str) -> Decimal | None:
    """kW of at least 0 with at most three decimals (whole W); None where absent or wrong."""
    return fields.optional_decimal(name, decimals=KWH_DECIMALS, low=Decimal(0), high=KW_MAX)


def thousands(value: Decimal) -> NDArray[np.int64]:
    """Wh of kWh, or W of kW, as a column of one."""
    return np.array([int(value * 1000)], dtype=np.int64)


def _from_days(fields: FieldReader, period: DatePeriod) -> UsageBlock | None:
    length = int(interval_counts(period.start, period.end).sum())
    import_wh = np.zeros((1, length), dtype=np.int32)
    export_wh = np.zeros((1, length), dtype=np.int32)
    places = _day_places(period)
    found: set[dt.date] = set()
    for path, item in fields.items("days", most=DAYS_MAX):
        day = FieldReader(item, path, fields.problems)
        date = _day_of(day, found)
        imports, exports = day.required("import_wh"), day.take("export_wh")
        day.finish()
        if date is None or date not in places:
            continue
        where = slice(places[date], places[date] + intervals_in_day(date))
        _put(import_wh[0, where], imports, day, "import_wh", date)
        if exports is not None:
            _put(export_wh[0, where], exports, day, "export_wh", date)
    absent = [date for date in period.dates() if date not in found]
    if absent:
        fields.note("days", f"{absent[0]} is absent: give each day of {period}")
        return None
    return UsageBlock(period=period, import_wh=import_wh, export_wh=export_wh)


def _day_places(period: DatePeriod) -> dict[dt.date, int]:
    """The column at which each day of the period begins."""
    places: dict[dt.date, int] = {}
    at = 0
    for date in period.dates():
        places[date] = at
        at += intervals_in_day(date)
    return places


def _day_of(day: FieldReader, found: set[dt.date]) -> dt.date | None:
    day.required("date")
    date = day.date("date")
    if date is not None and date in found:
        day.note("date", f"{date} is given twice")
    if date is not None:
        found.add(date)
    return date


def _put(
    target: NDArray[np.int32], values: object, day: FieldReader, name: str, date: dt.date
) -> None:
    """Whole Wh of each quarter hour of the day; what does not fit is noted."""
    if values is None:
        return
    if not isinstance(values, list | tuple):
        day.note(name, "must be a list of whole Wh")
    elif len(values) != len(target):
        day.note(name, f"{date} has {len(target)} quarter hours, {len(values)} values are given")
    else:
        wrong = next((n for n, wh in enumerate(values) if not _is_wh(wh)), None)
        if wrong is None:
            target[:] = values
        else:
            start = clock(int(interval_start_minutes(date)[wrong]))
            day.note(f"{name}[{wrong}]", f"{date} {start} {_complaint(values[wrong])}")


def _complaint(value: object) -> str:
    if value is None:
        return "is missing: estimate it first, nothing is guessed here"
    return f"must be a whole number of Wh from 0 on: {value!r}"


def _is_wh(value: object) -> bool:
    return type(value) is int and 0 <= value <= _WH_MAX


def read_prices(document: object, path: str, problems: Problems) -> Mapping[str, PriceSeries]:
    """Market prices by series: two decimals of $/MWh at most, 92/96/100 values a day or one."""
    series: dict[str, PriceSeries] = {}
    fields = FieldReader({"prices": document}, "", problems)
    for name, at, item in fields.entries("prices"):
        if len(series) == SERIES_MAX:
            problems.add(path, f"holds more than {SERIES_MAX} series")
            break
        series[str(name)] = _series(item, f"{path}{at.removeprefix('prices')}", problems)
    return series


def _series(document: object, path: str, problems: Problems) -> PriceSeries:
    fields = FieldReader(document, path, problems)
    fields.required("days")
    days: dict[dt.date, NDArray[np.int32]] = {}
    found: set[dt.date] = set()
    for at, item in fields.items("days", most=DAYS_MAX):
        day = FieldReader(item, at, problems)
        date = _day_of(day, found)
        values = day.required("usd_per_mwh")
        day.finish()
        if date is not None and values is not None:
            prices = _prices(values, day, date)
            if prices is not None:
                days[date] = prices
    fields.finish()
    return PriceSeries(days)


def _prices(values: Any, day: FieldReader, date: dt.date) -> NDArray[np.int32] | None:
    counts = (1, intervals_in_day(date))
    if not isinstance(values, list | tuple) or len(values) not in counts:
        given = len(values) if isinstance(values, list | tuple) else type(values).__name__
        day.note("usd_per_mwh", f"{date} needs {counts[1]} prices or one: {given}")
        return None
    assert len(values) <= INTERVALS_PER_DAY_MAX
    for number, value in enumerate(values):
        if not isinstance(value, str) or not _PRICE.fullmatch(value):
            day.note(
                f"usd_per_mwh[{number}]",
                f'must be a quoted price with at most two decimals such as "19.27": {value!r}',
            )
            return None
    return np.array([int(Decimal(value) * 100) for value in values], dtype=np.int32)
