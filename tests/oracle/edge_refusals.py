"""Cases that must be refused, each for one reason."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from tests.oracle.building import (
    bucket,
    component_of,
    intervals,
    period_of,
    plan_of,
    prices_of,
    registers,
    row,
    site_of,
    tariff_of,
    tier,
    window,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import JUNE, EdgeCase, by_registers, edge, flat
from tests.oracle.edge_time import time_of_use, used
from tests.oracle.market_days import Period

ABSENT = "A period with an absent day, interval or price is refused, never guessed."
PUBLISHING = "What a plan says must make sense."
NEEDS = "Registers alone cannot serve a plan that needs intervals."
COVER = "The rows must cover the whole period for every code that has any row in it."
REFUSED: Document = {"refused": True}
TWO_DAYS = period_of("2026-03-07", 2)
INDEXED = component_of("energy_indexed", series="RTM")


def refused(name: str, rule: str, period: Period, site: Document, **case: object) -> EdgeCase:
    return edge(name, rule, period, site, expected=REFUSED, **case)


def planned(*components: Document) -> Document:
    return used(TWO_DAYS, *components)


def night_and(*windows: Document) -> Document:
    return time_of_use(
        bucket("night", "0.1", window("20:00", "06:00")), bucket("other", "0.2", *windows)
    )


FULL = intervals(TWO_DAYS, lambda date, minute: 1000)


def with_days(days: list[Document]) -> Document:
    return site_of(plan_of(flat("0.1")), {"days": days})


def spoilt_values(values: Sequence[object]) -> Document:
    days = copy.deepcopy(FULL["days"])
    days[-1]["import_wh"] = list(values)
    return with_days(days)


PRICED = prices_of(TWO_DAYS, lambda date, minute: "20.00")
USAGE = (
    refused("absent day", ABSENT, TWO_DAYS, with_days(FULL["days"][:1])),
    refused("96 values on the short day", ABSENT, TWO_DAYS, spoilt_values([0] * 96)),
    refused("null value", ABSENT, TWO_DAYS, spoilt_values([None] * 92)),
    refused("negative import", ABSENT, TWO_DAYS, spoilt_values([-1] + [0] * 91)),
    refused("day given twice", ABSENT, TWO_DAYS, with_days([*FULL["days"], FULL["days"][0]])),
    refused("absent series", ABSENT, TWO_DAYS, planned(INDEXED)),
    refused(
        "day without price",
        ABSENT,
        TWO_DAYS,
        planned(INDEXED),
        prices={"RTM": {"days": PRICED["days"][:1]}},
    ),
    refused(
        "wrong number of prices",
        ABSENT,
        TWO_DAYS,
        planned(INDEXED),
        prices={"RTM": {"days": [PRICED["days"][0], {**PRICED["days"][0], "date": "2026-03-08"}]}},
    ),
    refused(
        "time of use by registers",
        NEEDS,
        JUNE,
        by_registers("100", night_and(window("08:00", "09:00"))),
    ),
    refused(
        "index by registers", NEEDS, TWO_DAYS, by_registers("100", INDEXED), prices={"RTM": PRICED}
    ),
    refused(
        "demand without peak",
        NEEDS,
        JUNE,
        by_registers("100", component_of("demand", price_usd_per_kw="1")),
    ),
    refused("empty period", ABSENT, Period(JUNE.start, JUNE.start), by_registers("1", flat("1"))),
)

PLANS = (
    refused(
        "bounded last tier",
        PUBLISHING,
        TWO_DAYS,
        planned(component_of("energy_tiered", tiers=[tier("500", "0.1")])),
    ),
    refused(
        "tiers that do not rise",
        PUBLISHING,
        TWO_DAYS,
        planned(
            component_of(
                "energy_tiered", tiers=[tier("500", "1"), tier("500", "1"), tier(None, "1")]
            )
        ),
    ),
    refused(
        "overlapping buckets", PUBLISHING, TWO_DAYS, planned(night_and(window("05:45", "07:00")))
    ),
    refused(
        "overlap over midnight", PUBLISHING, TWO_DAYS, planned(night_and(window("23:45", "00:15")))
    ),
    refused(
        "overlap in a reversed season",
        PUBLISHING,
        TWO_DAYS,
        planned(
            time_of_use(
                bucket(
                    "winter",
                    "0.1",
                    window("00:00", "24:00", seasons=[{"from": "11-01", "to": "02-29"}]),
                ),
                bucket(
                    "leap",
                    "0.2",
                    window("00:00", "24:00", seasons=[{"from": "02-29", "to": "03-31"}]),
                ),
            )
        ),
    ),
    refused(
        "equal ends",
        PUBLISHING,
        TWO_DAYS,
        planned(time_of_use(bucket("day", "0.1", window("00:00", "00:00")))),
    ),
    refused("unknown field", PUBLISHING, TWO_DAYS, planned(flat("0.1", colour="green"))),
    refused("nine decimals", PUBLISHING, TWO_DAYS, planned(flat("0.123456789"))),
    refused("not a number", PUBLISHING, TWO_DAYS, planned(flat("NaN"))),
    refused("no price", PUBLISHING, TWO_DAYS, planned(component_of("energy_flat"))),
    refused("one code twice", PUBLISHING, TWO_DAYS, planned(flat("0.1"), flat("0.2"))),
    refused(
        "two buybacks",
        "One buyback component at most.",
        TWO_DAYS,
        planned(
            component_of("solar_buyback", "one", mode="fixed", price_usd_per_kwh="0.1"),
            component_of("solar_buyback", "two", mode="fixed", price_usd_per_kwh="0.1"),
        ),
    ),
)

TARIFFS = (
    refused("delivery without tariff", COVER, TWO_DAYS, planned(component_of("delivery"))),
    refused(
        "tariff ends early",
        COVER,
        JUNE,
        by_registers(
            "1",
            component_of("delivery"),
            tariff=tariff_of(row("wires", "kwh", "0.05", to="2026-06-30")),
        ),
    ),
    refused(
        "tariff begins late",
        COVER,
        JUNE,
        site_of(
            plan_of(component_of("delivery")),
            registers("1"),
            tariff=tariff_of(row("meter", "month", "4", from_="2026-06-02")),
        ),
    ),
)

EDGES: tuple[EdgeCase, ...] = USAGE + PLANS + TARIFFS
