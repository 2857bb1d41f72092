"""Edges of free periods and of indexes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tests.oracle.building import (
    component_of,
    period_of,
    plan_of,
    prices_of,
    row,
    site_of,
    spread_over,
    tariff_of,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import EdgeCase, edge
from tests.oracle.edge_components import amounts
from tests.oracle.edge_time import (
    FALL_BACK,
    FOURTH_OF_JULY,
    MONDAY,
    at,
    each_kwh,
    used,
)
from tests.oracle.market_days import Period

FREE = "Price 0 inside, delivery is still charged; Saturday and Sunday are free, holidays or not."
INDEX = "Sum over quarter hours of kWh x (price + adder), rounded once; prices may be negative."
FRIDAY_TO_MONDAY = period_of("2026-06-05", 4)

DELIVERED = tariff_of(row("wires", "kwh", "0.05"))
NIGHTS = component_of("free_nights", from_="21:00", to="06:00", price_usd_per_kwh="0.20")


def weekends(**fields: object) -> Document:
    return component_of("free_weekends", None, price_usd_per_kwh="0.10", **fields)


FREE_PERIODS = (
    edge(
        "free nights are delivered",
        FREE,
        MONDAY,
        used(MONDAY, NIGHTS, component_of("delivery"), tariff=DELIVERED),
        expected=amounts("0.00", "12.00", "4.80"),
    ),
    edge(
        "free from Saturday 00:00 to Sunday 24:00",
        FREE,
        FRIDAY_TO_MONDAY,
        used(FRIDAY_TO_MONDAY, weekends()),
        expected=amounts("0.00", "19.20"),
    ),
    edge(
        "free holidays beside a free Saturday",
        FREE,
        FOURTH_OF_JULY,
        used(FOURTH_OF_JULY, weekends(free_holidays=["2026-07-03", "2026-07-04"])),
        expected=amounts("0.00", "9.60"),
    ),
)

EXPORTED_IN = {0: 850, 15: 1100, 30: 950, 45: 400}
MARKET = {0: "24.18", 15: "31.02", 30: "-3.75", 45: "512.60"}


def indexed(
    period: Period,
    usage: Document,
    market: Callable[[dt.date, int], str],
    *,
    daily: bool = False,
    adder: str = "0",
) -> tuple[Document, Document]:
    energy = component_of("energy_indexed", series="RTM", adder_usd_per_kwh=adder)
    return site_of(plan_of(energy), usage), {"RTM": prices_of(period, market, daily=daily)}


def index_edge(name: str, period: Period, priced: tuple[Document, Document], usd: str) -> EdgeCase:
    site, prices = priced
    return edge(name, INDEX, period, site, prices=prices, expected=amounts(usd))


INDEXES = (
    index_edge(
        "quarter hours are rounded once",
        MONDAY,
        indexed(MONDAY, at(MONDAY, EXPORTED_IN), lambda date, minute: MARKET.get(minute, "0")),
        "0.26",
    ),
    index_edge(
        "adder on every kWh",
        MONDAY,
        indexed(
            MONDAY,
            at(MONDAY, EXPORTED_IN),
            lambda date, minute: MARKET.get(minute, "0"),
            adder="0.01",
        ),
        "0.29",
    ),
    index_edge(
        "negative prices",
        MONDAY,
        indexed(MONDAY, at(MONDAY, {0: 1000}), lambda date, minute: "-250.00"),
        "-0.25",
    ),
    index_edge(
        "negative tie of an index",
        MONDAY,
        indexed(MONDAY, at(MONDAY, {0: 500}), lambda date, minute: "-10.00"),
        "-0.01",
    ),
    index_edge(
        "daily index on the long day",
        FALL_BACK,
        indexed(FALL_BACK, each_kwh(FALL_BACK), lambda date, minute: "20.00", daily=True),
        "2.00",
    ),
    index_edge(
        "the repeated hour has prices of its own",
        FALL_BACK,
        indexed(
            FALL_BACK,
            spread_over(FALL_BACK, 8000, lambda date, minute: 60 <= minute < 120),
            lambda date, minute: "1000" if minute == 60 else "0",
        ),
        "2.00",
    ),
)

EDGES: tuple[EdgeCase, ...] = FREE_PERIODS + INDEXES
