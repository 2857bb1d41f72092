"""What one row of a price file says: which series, day and interval, and the price."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import interval_start_minutes, intervals_in_day

Layout = Literal["ercot_spp", "daily_index"]

COLUMNS: dict[Layout, tuple[str, ...]] = {
    "ercot_spp": (
        "DeliveryDate",
        "DeliveryHour",
        "DeliveryInterval",
        "SettlementPointName",
        "SettlementPointType",
        "SettlementPointPrice",
        "DSTFlag",
    ),
    "daily_index": ("series", "date", "price_usd_per_mwh"),
}
ERCOT_PREFIX = "ERCOT:"
PRICE_MAX = 2**31 - 1
_PRICE = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")
_SERIES = re.compile(r"[A-Z0-9][A-Z0-9_.:-]{0,79}")
_POINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.&-]{0,59}")


class PriceRowRefused(DomainError):
    """A row that cannot be taken; ``reason`` is a stable word for lists and filters."""

    code = "price_row_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PricePoint:
    """One price in 0.01 $/MWh at position ``index`` of a local day of ``intervals`` prices."""

    series: str
    date: dt.date
    index: int
    intervals: int
    price: int


def layout_of(header: Sequence[str]) -> Layout | None:
    """Which of the two layouts a header line has; None for any other."""
    names = tuple(name.strip() for name in header)
    return next((layout for layout, columns in COLUMNS.items() if columns == names), None)


def parse_row(*, layout: Layout, fields: Sequence[str]) -> PricePoint:
    """One row; ``PriceRowRefused`` says what does not fit."""
    columns = COLUMNS[layout]
    if len(fields) != len(columns):
        raise PriceRowRefused("columns", f"has {len(fields)} fields instead of {len(columns)}")
    values = [field.strip() for field in fields]
    return _spp(values) if layout == "ercot_spp" else _daily(values)


def _spp(values: list[str]) -> PricePoint:
    """ERCOT's NP6-905-CD: hour ending 1 to 24, interval 1 to 4, Y for the repeated fall hour."""
    date_text, hour, interval, point, point_type, price, flag = values
    date, index, intervals = _place(date_text, hour, interval, flag)
    return PricePoint(_series(point, point_type), date, index, intervals, parse_price(price))


def _daily(values: list[str]) -> PricePoint:
    series, date_text, price = values
    if not _SERIES.fullmatch(series):
        raise PriceRowRefused("series", f"{series!r} is no name of a series")
    if series.startswith(ERCOT_PREFIX):
        raise PriceRowRefused("series", f"{ERCOT_PREFIX} is kept for settlement points")
    return PricePoint(series, _iso_date(date_text), 0, 1, parse_price(price))


def parse_price(text: str) -> int:
    """Dollars per MWh as an integer of 0.01 $/MWh; more than two decimals are refused."""
    found = _PRICE.fullmatch(text)
    if not found or not (found[2] or found[3]):
        raise PriceRowRefused("price", f"{text!r} is no price")
    decimals = (found[3] or "").rstrip("0")
    if len(decimals) > 2:
        raise PriceRowRefused("price_decimals", f"{text!r} has more than two decimals")
    if len(found[2]) > 12:
        raise PriceRowRefused("price", f"{text!r} is out of range")
    price = int(found[2] or 0) * 100 + int(decimals.ljust(2, "0"))
    if price > PRICE_MAX:
        raise PriceRowRefused("price", f"{text!r} is out of range")
    return -price if found[1] == "-" else price


@lru_cache(maxsize=4096)
def _series(point: str, point_type: str) -> str:
    if not _POINT.fullmatch(point):
        raise PriceRowRefused("settlement_point", f"{point!r} is no settlement point")
    if not re.fullmatch(r"[A-Z_]{1,10}", point_type):
        raise PriceRowRefused("settlement_point_type", f"{point_type!r} is no type of point")
    # A load zone also appears energy-weighted, under the same name but another type.
    suffix = f":{point_type}" if point_type.endswith("EW") else ""
    return f"{ERCOT_PREFIX}{point}{suffix}"


@lru_cache(maxsize=65536)
def _place(date_text: str, hour: str, interval: str, flag: str) -> tuple[dt.date, int, int]:
    date = _us_date(date_text)
    hour_number = _number(hour, 24, "hour", "delivery hour")
    interval_number = _number(interval, 4, "interval", "delivery interval")
    if flag not in ("N", "Y"):
        raise PriceRowRefused("dst_flag", f"the DST flag must be N or Y, not {flag!r}")
    minute = (hour_number - 1) * 60 + (interval_number - 1) * 15
    found = (interval_start_minutes(date) == minute).nonzero()[0]
    if len(found) == 0:
        raise PriceRowRefused("hour_skipped", f"hour {hour} does not exist on {date}")
    if flag == "Y" and len(found) == 1:
        raise PriceRowRefused("dst_flag", f"hour {hour} is not repeated on {date}")
    return date, int(found[int(flag == "Y")]), intervals_in_day(date)


def _number(text: str, highest: int, reason: str, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= highest:
        raise PriceRowRefused(reason, f"the {what} must be 1 to {highest}, not {text!r}")
    return int(text)


def _us_date(text: str) -> dt.date:
    found = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    example = "07/30/2026"
    return _date(f"{found[3]}-{found[1]}-{found[2]}" if found else "", text, example)


def _iso_date(text: str) -> dt.date:
    return _date(text, text, "2026-07-30")


def _date(iso: str, text: str, example: str) -> dt.date:
    try:
        if re.fullmatch(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}", iso):
            return dt.date.fromisoformat(iso)
    except ValueError:
        pass
    raise PriceRowRefused("date", f"{text!r} is no date like {example}")
