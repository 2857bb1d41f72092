"""Edges of buyback and of credit banks."""

from __future__ import annotations

from tests.oracle.building import (
    bucket,
    component_of,
    intervals,
    period_of,
    plan_of,
    prices_of,
    registers,
    site_of,
    tier,
    window,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import JUNE, EdgeCase, edge, flat
from tests.oracle.edge_components import amounts, base, credit

OFFSET = "Credits offset the sum of the rounded energy lines, never below 0: earnings, then bank."
BANK = "What is left over goes to the bank; above a cap, or without a bank, it is lost."
CHARGE = "A negative earning is a charge and leaves the limit as it was."
NO_CAP: Document = {"cap_usd": None}
MONDAY = period_of("2026-06-01", 1)


def buyback(price: str = "0.10", **fields: object) -> Document:
    return component_of("solar_buyback", "solar", mode="fixed", price_usd_per_kwh=price, **fields)


def bank(*usd: str) -> Document:
    names = ("in_usd", "earned_usd", "applied_usd", "used_usd", "out_usd", "lost_usd")
    return dict(zip(names, usd, strict=True))


def solar(exported: str, *components: Document, bank_in: str = "0") -> Document:
    return site_of(plan_of(*components), registers("100", export_kwh=exported), bank_in_usd=bank_in)


def real_time(**fields: object) -> Document:
    """100 kWh in the first and 1 kWh out in the second quarter hour of a day, bank of 50.00."""
    usage = intervals(
        MONDAY,
        lambda date, minute: 100_000 if minute == 0 else 0,
        lambda date, minute: 1000 if minute == 15 else 0,
    )
    component = component_of(
        "solar_buyback", "solar", mode="real_time", series="RTM", bank=NO_CAP, **fields
    )
    return site_of(plan_of(flat("0.10"), component), usage, bank_in_usd="50.00")


def rtm(price: str) -> Document:
    return {"RTM": prices_of(MONDAY, lambda date, minute: price if minute == 15 else "0")}


NOON = 720
EVERY_ENERGY = plan_of(
    component_of("energy_tiered", "tiered", tiers=[tier(None, "0.01")]),
    component_of(
        "energy_time_of_use",
        "time_of_use",
        buckets=[bucket("day", "0.02", window("08:00", "20:00"))],
        otherwise=bucket("night", "0.50"),
    ),
    component_of("free_nights", "nights", from_="21:00", to="06:00", price_usd_per_kwh="0.03"),
    component_of("free_weekends", "weekends", price_usd_per_kwh="0.04"),
    component_of("energy_indexed", "indexed", series="RTM", adder_usd_per_kwh="0.05"),
    buyback(),
)
SOLAR = (
    edge(
        "earnings above the energy go to the bank",
        OFFSET,
        JUNE,
        solar("200", base("9.95"), flat("0.10"), buyback(bank=NO_CAP)),
        expected=amounts(
            "9.95", "10.00", "-10.00", bank=bank("0.00", "20.00", "10.00", "0.00", "10.00", "0.00")
        ),
    ),
    edge(
        "earnings come before the bank",
        OFFSET,
        JUNE,
        solar("60", flat("0.10"), buyback(bank=NO_CAP), bank_in="50.00"),
        expected=amounts(
            "10.00",
            "-6.00",
            "-4.00",
            bank=bank("50.00", "6.00", "6.00", "4.00", "46.00", "0.00"),
            average="0.0",
        ),
    ),
    edge(
        "every energy line counts, wherever it stands",
        OFFSET,
        JUNE,
        solar("200", buyback(), flat("0.10", "one"), flat("0.05", "two")),
        expected=amounts(
            "-15.00", "10.00", "5.00", bank=bank("0.00", "20.00", "15.00", "0.00", "0.00", "5.00")
        ),
    ),
    edge(
        "every kind of energy counts",
        OFFSET,
        MONDAY,
        site_of(
            EVERY_ENERGY,
            intervals(
                MONDAY,
                lambda date, minute: 100_000 if minute == NOON else 0,
                lambda date, minute: 200_000 if minute == NOON else 0,
            ),
        ),
        prices={"RTM": prices_of(MONDAY, lambda date, minute: "0", daily=True)},
        expected=amounts("1.00", "2.00", "3.00", "4.00", "5.00", "-15.00"),
    ),
    edge(
        "a usage credit does not lower the limit",
        OFFSET,
        JUNE,
        solar("200", flat("0.10"), credit("5"), buyback()),
        expected=amounts("10.00", "-5.00", "-10.00", total="-5.00"),
    ),
    edge(
        "nothing exported, no solar line",
        OFFSET,
        JUNE,
        solar("0", flat("0.10"), buyback(bank=NO_CAP)),
        expected=amounts("10.00", bank=bank("0.00", "0.00", "0.00", "0.00", "0.00", "0.00")),
    ),
    edge(
        "cap of the bank",
        BANK,
        JUNE,
        solar("200", flat("0.10"), buyback(bank={"cap_usd": "4.00"})),
        expected=amounts(
            "10.00", "-10.00", bank=bank("0.00", "20.00", "10.00", "0.00", "4.00", "6.00")
        ),
    ),
    edge(
        "left over without a bank",
        BANK,
        JUNE,
        solar("200", flat("0.10"), buyback()),
        expected=amounts(
            "10.00", "-10.00", bank=bank("0.00", "20.00", "10.00", "0.00", "0.00", "10.00")
        ),
    ),
    edge(
        "incoming balance without a bank",
        BANK,
        JUNE,
        solar("60", flat("0.10"), buyback(), bank_in="50.00"),
        expected=amounts(
            "10.00", "-6.00", bank=bank("50.00", "6.00", "6.00", "0.00", "0.00", "50.00")
        ),
    ),
    edge(
        "offset without limit",
        "A plan may print offset: all: earnings and bank then count without limit.",
        JUNE,
        solar("200", flat("0.10"), buyback(bank=NO_CAP, offset="all"), bank_in="50.00"),
        expected=amounts(
            "10.00",
            "-20.00",
            "-50.00",
            bank=bank("50.00", "20.00", "20.00", "50.00", "0.00", "0.00"),
            total="-60.00",
        ),
    ),
    edge(
        "matched kWh first, then the excess",
        "1:1 up to the imported kWh of the period, the rest at the excess price.",
        JUNE,
        solar(
            "170",
            flat("0.10"),
            component_of(
                "solar_buyback",
                mode="net_one_to_one",
                price_usd_per_kwh="0.08",
                excess_price_usd_per_kwh="0.05",
                bank=NO_CAP,
            ),
        ),
        expected=amounts(
            "10.00",
            "-8.00",
            "-2.00",
            bank=bank("0.00", "11.50", "10.00", "0.00", "1.50", "0.00"),
        ),
    ),
    edge(
        "negative earning is a charge",
        CHARGE,
        MONDAY,
        real_time(),
        prices=rtm("-250.00"),
        expected=amounts(
            "10.00",
            "0.25",
            "-10.00",
            bank=bank("50.00", "0.00", "0.00", "10.00", "40.00", "0.00"),
        ),
    ),
    edge(
        "floor of price plus adder",
        "An optional floor of (price + adder).",
        MONDAY,
        real_time(adder_usd_per_kwh="0.01", floor_usd_per_kwh="0.02"),
        prices=rtm("-250.00"),
        expected=amounts(
            "10.00",
            "-0.02",
            "-9.98",
            bank=bank("50.00", "0.02", "0.02", "9.98", "40.02", "0.00"),
        ),
    ),
)

EDGES: tuple[EdgeCase, ...] = SOLAR
