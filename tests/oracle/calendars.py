"""Reading time-of-use calendars out of plans: in a component itself, or named and shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.documents import (
    REQUIRED,
    Document,
    one_of,
    optional,
    read_fields,
    read_list,
    read_object,
    read_text,
    refuse_repeats,
)
from tests.oracle.exact import Refusal, read_decimal
from tests.oracle.market_days import Season, read_date, read_month_day
from tests.oracle.windows import (
    DAY_TYPES,
    WHOLE_YEAR,
    Bucket,
    Calendar,
    Window,
    read_window_times,
    refuse_overlaps,
)

Holidays = Mapping[str, frozenset[dt.date]]


@dataclass(frozen=True, slots=True)
class Shared:
    """What a plan names once for its components: lists of holidays, and calendars."""

    holidays: Holidays
    calendars: Mapping[str, Calendar]


def read_holidays(value: object, where: str, named: Holidays) -> frozenset[dt.date]:
    """A list of dates, or the name of one."""
    if isinstance(value, str):
        if value not in named:
            raise Refusal("unknown_name", where, f"the plan has no list of holidays named {value}")
        return named[value]
    return frozenset(read_date(date, where) for date in read_list(value, where))


def read_calendars(value: Document, where: str, holidays: Holidays) -> dict[str, Calendar]:
    """The named calendars of a plan, which have no prices."""
    return {
        name: _read_calendar(document, f"{where}.{name}", holidays, with_prices=False)[0]
        for name, document in value.items()
    }


def read_time_of_use(document: Document, where: str, shared: Shared) -> Document:
    """The calendar and the price of each bucket of a time-of-use component."""
    if "calendar" not in document:
        calendar, prices = _read_calendar(document, where, shared.holidays, with_prices=True)
        return {"calendar": calendar, "prices": prices}
    terms = read_fields(
        document, where, {"calendar": (read_text, REQUIRED), "prices": (read_object, REQUIRED)}
    )
    if terms["calendar"] not in shared.calendars:
        message = f"the plan has no calendar named {terms['calendar']}"
        raise Refusal("unknown_name", f"{where}.calendar", message)
    calendar = shared.calendars[terms["calendar"]]
    names = {bucket.name for bucket in calendar.all_buckets}
    if names != set(terms["prices"]):
        raise Refusal("missing_field", f"{where}.prices", f"one price for each of {sorted(names)}")
    prices = {
        name: read_decimal(price, f"{where}.prices.{name}")
        for name, price in terms["prices"].items()
    }
    return {"calendar": calendar, "prices": prices}


def _read_calendar(
    document: Document, where: str, holidays: Holidays, *, with_prices: bool
) -> tuple[Calendar, Document]:
    def read_list_or_name(value: Any, path: str) -> frozenset[dt.date]:
        return read_holidays(value, path, holidays)

    terms = read_fields(
        document,
        where,
        {
            "buckets": (read_list, REQUIRED),
            "otherwise": (read_object, REQUIRED),
            "holidays": (optional(read_list_or_name), frozenset()),
        },
    )
    read = [
        _read_bucket(bucket, f"{where}.buckets[{number}]", with_prices, with_windows=True)
        for number, bucket in enumerate(terms["buckets"])
    ]
    read.append(
        _read_bucket(terms["otherwise"], f"{where}.otherwise", with_prices, with_windows=False)
    )
    buckets = [bucket for bucket, _ in read]
    refuse_repeats([bucket.name for bucket in buckets], where)
    refuse_overlaps(buckets, where)
    calendar = Calendar(
        buckets=tuple(buckets[:-1]),
        otherwise=buckets[-1],
        holidays=terms["holidays"] or frozenset(),
    )
    return calendar, {bucket.name: price for bucket, price in read}


def _read_bucket(
    document: object, where: str, with_prices: bool, *, with_windows: bool
) -> tuple[Bucket, Any]:
    fields: Document = {"name": (read_text, REQUIRED), "label": (read_text, "")}
    if with_prices:
        fields["price_usd_per_kwh"] = (read_decimal, REQUIRED)
    if with_windows:
        fields["windows"] = (_read_windows, REQUIRED)
    terms = read_fields(document, where, fields)
    bucket = Bucket(
        name=terms["name"],
        label=terms["label"] or terms["name"],
        windows=terms.get("windows", ()),
    )
    return bucket, terms.get("price_usd_per_kwh")


def _read_windows(value: object, where: str) -> tuple[Window, ...]:
    return tuple(
        _read_window(window, f"{where}[{number}]")
        for number, window in enumerate(read_list(value, where))
    )


def _read_window(document: object, where: str) -> Window:
    terms = read_fields(
        document,
        where,
        {
            "from": (read_text, REQUIRED),
            "to": (read_text, REQUIRED),
            "days": (_read_day_types, frozenset(DAY_TYPES)),
            "seasons": (_read_seasons, WHOLE_YEAR),
        },
    )
    start, end = read_window_times(terms["from"], terms["to"], where)
    return Window(start=start, end=end, days=terms["days"], seasons=terms["seasons"])


def _read_day_types(value: object, where: str) -> frozenset[str]:
    return frozenset(one_of(*DAY_TYPES)(kind, where) for kind in read_list(value, where))


def _read_seasons(value: object, where: str) -> tuple[Season, ...]:
    return tuple(
        _read_season(season, f"{where}[{number}]")
        for number, season in enumerate(read_list(value, where))
    )


def _read_season(document: object, where: str) -> Season:
    terms = read_fields(
        document, where, {"from": (read_month_day, REQUIRED), "to": (read_month_day, REQUIRED)}
    )
    return Season(first=terms["from"], last=terms["to"])
