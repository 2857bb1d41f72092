"""The usage grid of a period: quarter hours of import and export, or registers only; prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.documents import (
    REQUIRED,
    Document,
    optional,
    read_fields,
    read_list,
    read_object,
    read_whole,
)
from tests.oracle.exact import (
    WH_DECIMALS_MAX,
    Refusal,
    read_decimal,
    read_not_negative,
)
from tests.oracle.market_days import Period, quarter_hour_minutes, read_date

MARKET_PRICE_DECIMALS_MAX = 2
QUARTER_HOURS_PER_HOUR = 4


@dataclass(frozen=True, slots=True)
class QuarterHour:
    """One quarter hour: its local date, its place in the day, its wall-clock start minute."""

    date: dt.date
    index: int
    minute: int
    import_wh: int
    export_wh: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Imported and exported kWh of the period; `quarter_hours` is None for registers only."""

    import_kwh: Fraction
    export_kwh: Fraction
    quarter_hours: tuple[QuarterHour, ...] | None
    register_peak_kw: Fraction | None

    def each_quarter_hour(self, where: str) -> tuple[QuarterHour, ...]:
        """The quarter hours; refused where only registers are known."""
        if self.quarter_hours is None:
            raise Refusal("needs_intervals", where, "registers alone cannot price this component")
        return self.quarter_hours

    def measured_kw(self, where: str) -> Fraction:
        """The highest quarter hour x 4, or the register's peak."""
        if self.quarter_hours is not None:
            highest_wh = max(quarter.import_wh for quarter in self.quarter_hours)
            return Fraction(highest_wh * QUARTER_HOURS_PER_HOUR, 1000)
        if self.register_peak_kw is None:
            raise Refusal("needs_intervals", where, "neither quarter hours nor peak_kw is given")
        return self.register_peak_kw

    def import_kwh_on(self, days: list[dt.date], period: Period) -> Fraction:
        """Imported kWh of some days of the period; where registers know only the whole, by days."""
        if self.quarter_hours is None:
            return self.import_kwh * Fraction(len(days), len(period.days))
        wanted = set(days)
        return Fraction(sum(q.import_wh for q in self.quarter_hours if q.date in wanted), 1000)


def read_usage(document: object, where: str, period: Period) -> Usage:
    """Usage by days of quarter hours, or by registers."""
    if "days" in read_object(document, where):
        terms = read_fields(document, where, {"days": (read_list, REQUIRED)})
        return _usage_of_days(terms["days"], f"{where}.days", period)
    terms = read_fields(
        document,
        where,
        {
            "import_kwh": (_read_kwh, REQUIRED),
            "export_kwh": (_read_kwh, Fraction(0)),
            "peak_kw": (optional(read_not_negative), None),
        },
    )
    return Usage(
        import_kwh=terms["import_kwh"],
        export_kwh=terms["export_kwh"],
        quarter_hours=None,
        register_peak_kw=terms["peak_kw"],
    )


def _read_kwh(value: object, where: str) -> Fraction:
    return read_not_negative(value, where, decimals_max=WH_DECIMALS_MAX)


def _usage_of_days(days: list[Any], where: str, period: Period) -> Usage:
    by_date: dict[dt.date, Document] = {}
    for number, day in enumerate(days):
        path = f"{where}[{number}]"
        terms = read_fields(
            day,
            path,
            {
                "date": (read_date, REQUIRED),
                "import_wh": (_read_wh, REQUIRED),
                "export_wh": (optional(_read_wh), None),
            },
        )
        if terms["date"] in by_date:
            raise Refusal("repeated", path, f"{terms['date']} is given twice")
        by_date[terms["date"]] = terms
    quarters = tuple(q for date in period.days for q in _quarter_hours_of(date, by_date, where))
    return Usage(
        import_kwh=Fraction(sum(quarter.import_wh for quarter in quarters), 1000),
        export_kwh=Fraction(sum(quarter.export_wh for quarter in quarters), 1000),
        quarter_hours=quarters,
        register_peak_kw=None,
    )


def _read_wh(value: object, where: str) -> list[int]:
    return [read_whole(wh, f"{where}[{n}]") for n, wh in enumerate(read_list(value, where))]


def _quarter_hours_of(
    date: dt.date, by_date: Mapping[dt.date, Document], where: str
) -> list[QuarterHour]:
    if date not in by_date:
        raise Refusal("absent_day", where, f"{date} is absent")
    minutes = quarter_hour_minutes(date)
    imported = by_date[date]["import_wh"]
    exported = by_date[date]["export_wh"]
    if exported is None:
        exported = [0] * len(minutes)
    for values in (imported, exported):
        if len(values) != len(minutes):
            message = f"{date} has {len(minutes)} quarter hours, {len(values)} are given"
            raise Refusal("wrong_interval_count", where, message)
    return [
        QuarterHour(date, index, minute, imported[index], exported[index])
        for index, minute in enumerate(minutes)
    ]


Prices = Mapping[tuple[dt.date, int], Fraction]
"""Dollars per kWh by date and place of the quarter hour in its day."""


def read_prices(series: str, document: object, period: Period) -> Prices:
    """A price for each quarter hour of the period; a daily index gives one to all of a day."""
    where = f"prices.{series}"
    all_series = read_object(document, "prices")
    if series not in all_series:
        raise Refusal("missing_price", where, "the case has no such price series")
    by_date: dict[dt.date, list[Fraction]] = {}
    days = read_fields(all_series[series], where, {"days": (read_list, REQUIRED)})["days"]
    for number, day in enumerate(days):
        path = f"{where}.days[{number}]"
        terms = read_fields(
            day, path, {"date": (read_date, REQUIRED), "usd_per_mwh": (read_list, REQUIRED)}
        )
        if terms["date"] in by_date:
            raise Refusal("repeated", path, f"{terms['date']} is given twice")
        by_date[terms["date"]] = [
            read_decimal(price, path, decimals_max=MARKET_PRICE_DECIMALS_MAX) / 1000
            for price in terms["usd_per_mwh"]
        ]
    prices: dict[tuple[dt.date, int], Fraction] = {}
    for date in period.days:
        if date not in by_date:
            raise Refusal("missing_price", where, f"no price for {date}")
        count = len(quarter_hour_minutes(date))
        of_day = by_date[date] * count if len(by_date[date]) == 1 else by_date[date]
        if len(of_day) != count:
            message = f"{date} needs {count} prices or one, {len(of_day)} are given"
            raise Refusal("missing_price", where, message)
        prices.update({(date, index): price for index, price in enumerate(of_day)})
    return prices
