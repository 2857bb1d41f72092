"""Holiday tables by market: rules for every year from ``data/holidays.yaml``, and single days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ossrep.market.domain.clocks import Calendar, Calendars

FIRST_YEAR = 2015
LAST_YEAR = 2060
_FILE = Path(__file__).parent.parent / "data" / "holidays.yaml"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class SingleDay:
    """One date of one calendar (``ERCOT`` or a TDSP's code) that differs from the rules."""

    calendar: str
    date: dt.date
    is_holiday: bool


def build_calendars(single_days: Iterable[SingleDay] = ()) -> Calendars:
    """The tables with single days laid over the rules."""
    days = list(single_days)
    rules = _rules()
    ercot = _overlaid("ERCOT", rules["ERCOT"], days)
    by_tdsp = {
        code: _overlaid(code, _base_of(code, rules, ercot), days)
        for code in {*rules, *(day.calendar for day in days)} - {"ERCOT"}
    }
    return Calendars(ercot=ercot, by_tdsp=by_tdsp)


def _base_of(
    code: str, rules: Mapping[str, frozenset[dt.date]], ercot: Calendar
) -> frozenset[dt.date]:
    # An empty set of rules means "the same as ERCOT", its single days included.
    return rules.get(code) or ercot.holidays


def _overlaid(code: str, base: frozenset[dt.date], days: Iterable[SingleDay]) -> Calendar:
    own = [day for day in days if day.calendar == code]
    added = {day.date for day in own if day.is_holiday}
    worked = {day.date for day in own if not day.is_holiday}
    return Calendar(code, (base - worked) | added)


@cache
def _rules() -> Mapping[str, frozenset[dt.date]]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    shift = {
        _WEEKDAYS.index(day): _WEEKDAYS.index(data["observed"][day])
        for day in ("saturday", "sunday")
    }
    return {
        code: frozenset(
            _observed(_date_of(rule, year), shift)
            for rule in table.get("holidays", ())
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
        )
        for code, table in data["calendars"].items()
    }


def _date_of(rule: Mapping[str, Any], year: int) -> dt.date:
    if "day" in rule:
        return dt.date(year, rule["month"], rule["day"])
    weekday, nth = _WEEKDAYS.index(rule["weekday"]), rule["nth"]
    if nth > 0:
        first = dt.date(year, rule["month"], 1)
        found = first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        last = dt.date(year + rule["month"] // 12, rule["month"] % 12 + 1, 1) - dt.timedelta(days=1)
        found = last - dt.timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    return found + dt.timedelta(days=rule.get("offset_days", 0))


def _observed(date: dt.date, shift: Mapping[int, int]) -> dt.date:
    target = shift.get(date.weekday())
    if target is None:
        return date
    ahead = (target - date.weekday()) % 7
    return date + dt.timedelta(days=ahead if ahead <= 3 else ahead - 7)
