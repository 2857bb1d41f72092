"""Short words to build quote cases, for the edge cases and for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from tests.oracle.documents import Document
from tests.oracle.market_days import Period, quarter_hour_minutes

ALWAYS = "2000-01-01"
IN_NO_CITY = None
WhOfQuarterHour = Callable[[dt.date, int], int]


def component_of(kind: str, code: str | None = None, **fields: object) -> Document:
    """A component; a field whose name is a word of Python carries an underscore behind it."""
    named = {name.rstrip("_"): value for name, value in fields.items()}
    return {"kind": kind, "code": code or kind, **named}


def plan_of(*components: Document, **fields: object) -> Document:
    """A plan of some components."""
    return {
        "plan": "TEST-PLAN",
        "name": "Test plan",
        "brand": "test_brand",
        "product_type": "fixed",
        "customer_class": "residential",
        "term_months": 12,
        "components": list(components),
        **fields,
    }


def tier(up_to_kwh: str | None, price: str) -> Document:
    """A band of tiered energy; None for the open one."""
    bound = {} if up_to_kwh is None else {"up_to_kwh": up_to_kwh}
    return {**bound, "price_usd_per_kwh": price}


def bucket(name: str, price: str | None, *windows: Document) -> Document:
    """A time-of-use bucket: without price in a named calendar, without windows `otherwise`."""
    document: Document = {"name": name, "label": name.title()}
    if price is not None:
        document["price_usd_per_kwh"] = price
    if windows:
        document["windows"] = list(windows)
    return document


def window(start: str, end: str, **fields: object) -> Document:
    """A window of wall-clock time, with `days` and `seasons` where given."""
    return {"from": start, "to": end, **fields}


def row(code: str, unit: str, rate: str, **fields: object) -> Document:
    """A tariff row, in force for ever unless `from_` and `to` say otherwise."""
    named = {name.rstrip("_"): value for name, value in fields.items()}
    return {
        "code": code,
        "label": code.title(),
        "unit": unit,
        "rate_usd": rate,
        "from": ALWAYS,
        "to": None,
        **named,
    }


def tariff_of(*rows: Document) -> Document:
    """A tariff of some rows."""
    return {"tdsp": "ONCOR_ELEC", "rate_class": "residential", "rows": list(rows)}


def place_of(code: str, population: int | None, *local_taxes: Document) -> Document:
    """A place with its local taxes."""
    return {
        "code": code,
        "name": code.title(),
        "population": population,
        "local_taxes": list(local_taxes),
    }


def local_tax(code: str, rate: str, *, residential: bool, **fields: object) -> Document:
    """A local sales tax, in force for ever unless `from_` and `to` say otherwise."""
    named = {name.rstrip("_"): value for name, value in fields.items()}
    document = {"code": code, "label": code.title(), "rate": rate, "residential": residential}
    return {**document, "from": ALWAYS, "to": None, **named}


def tax_of(place: Document, *, residential: bool = True, exemption: str = "none") -> Document:
    """The tax facts of a site."""
    return {"residential": residential, "exemption": exemption, "place": place}


def period_of(start: str, days: int) -> Period:
    """A period of so many days."""
    first = dt.date.fromisoformat(start)
    return Period(first, first + dt.timedelta(days=days))


def registers(import_kwh: str, **fields: str) -> Document:
    """Usage of which only registers are known."""
    return {"import_kwh": import_kwh, **fields}


def spread(total: int, parts: int) -> list[int]:
    """A total over so many parts, as evenly as whole numbers can, the larger ones first."""
    each, rest = divmod(total, parts)
    return [each + (1 if n < rest else 0) for n in range(parts)]


def intervals(
    period: Period, import_wh: WhOfQuarterHour, export_wh: WhOfQuarterHour | None = None
) -> Document:
    """Usage by quarter hours, each from its date and its wall-clock start minute."""
    days = []
    for date in period.days:
        minutes = quarter_hour_minutes(date)
        day = {"date": str(date), "import_wh": [import_wh(date, minute) for minute in minutes]}
        if export_wh is not None:
            day["export_wh"] = [export_wh(date, minute) for minute in minutes]
        days.append(day)
    return {"days": days}


def spread_over(
    period: Period, import_wh: int, where: Callable[[dt.date, int], bool] | None = None
) -> Document:
    """Usage that adds up to a total, spread over the quarter hours of a condition (or all)."""
    chosen = [
        (date, index)
        for date in period.days
        for index, minute in enumerate(quarter_hour_minutes(date))
        if where is None or where(date, minute)
    ]
    wh = dict(zip(chosen, spread(import_wh, len(chosen)), strict=True))
    return {
        "days": [
            {
                "date": str(date),
                "import_wh": [
                    wh.get((date, index), 0) for index in range(len(quarter_hour_minutes(date)))
                ],
            }
            for date in period.days
        ]
    }


def add_usage(*usages: Document) -> Document:
    """The sum of usages by quarter hours over the same days."""
    days = []
    for parts in zip(*(usage["days"] for usage in usages), strict=True):
        wh = [sum(values) for values in zip(*(part["import_wh"] for part in parts), strict=True)]
        days.append({"date": parts[0]["date"], "import_wh": wh})
    return {"days": days}


def prices_of(
    period: Period, of: Callable[[dt.date, int], str], *, daily: bool = False
) -> Document:
    """A price series in $/MWh, from date and wall-clock start minute; daily: one a day."""
    return {
        "days": [
            {
                "date": str(date),
                "usd_per_mwh": [of(date, 0)]
                if daily
                else [of(date, minute) for minute in quarter_hour_minutes(date)],
            }
            for date in period.days
        ]
    }


def site_of(plan: Document, usage: Document, **fields: object) -> Document:
    """A site."""
    return {"plan": plan, "usage": usage, **fields}


def case_of(name: str, period: Period, sites: Iterable[Document], **fields: object) -> Document:
    """A case; one site stands at the top, several in a list."""
    every = list(sites)
    head: Document = {
        "id": name,
        "period": {"start": str(period.start), "end": str(period.end)},
        **fields,
    }
    return {**head, **every[0]} if len(every) == 1 else {**head, "sites": every}
