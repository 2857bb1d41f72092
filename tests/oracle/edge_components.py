"""Edges of rounding, of base charges and of tiers."""

from __future__ import annotations

from tests.oracle.building import (
    component_of,
    period_of,
    tier,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import FORTNIGHT, HALF_MONTH, JUNE, EdgeCase, by_registers, edge, flat

ROUNDING = "A line is rounded once, half-up to the cent; a negative tie goes away from zero."
DROPPED = "Lines whose quantity is 0 are dropped; lines of 0.00 with a quantity are printed."
SHARE = "Share of a month: min(days, 30)/30; none; days/30; calendar."
TIERS = "Cumulative bounds, not prorated unless printed; a prorated bound stays exact."
TWO_TIERS = [tier("500", "0.30"), tier(None, "0.60")]


def base(amount: str, **fields: object) -> Document:
    return component_of("base_charge_monthly", "base", amount_usd=amount, **fields)


def credit(amount: str, code: str = "credit", **fields: object) -> Document:
    return component_of("usage_credit", code, amount_usd=amount, **fields)


def tiered(**fields: object) -> Document:
    return component_of("energy_tiered", "energy", tiers=TWO_TIERS, **fields)


def amounts(*usd: str, **more: object) -> Document:
    return {"amounts": list(usd), **more}


NUMBERS = (
    edge("tie", ROUNDING, JUNE, by_registers("1", flat("0.005")), expected=amounts("0.01")),
    edge(
        "below a tie",
        ROUNDING,
        JUNE,
        by_registers("1", flat("0.00499999")),
        expected=amounts("0.00", total="0.00"),
    ),
    edge(
        "negative tie",
        ROUNDING,
        HALF_MONTH,
        by_registers("0", credit("0.01", proration="days_over_30")),
        expected=amounts("-0.01"),
    ),
    edge(
        "two ties are rounded each",
        ROUNDING,
        JUNE,
        by_registers("1", flat("0.005", "one"), flat("0.005", "two")),
        expected=amounts("0.01", "0.01", total="0.02"),
    ),
    edge(
        "five Wh at a dollar",
        ROUNDING,
        JUNE,
        by_registers("0.005", flat("1")),
        expected=amounts("0.01", average="200.0"),
    ),
    edge(
        "no kWh, no energy line",
        DROPPED,
        JUNE,
        by_registers("0", base("9.95"), flat("0.1")),
        expected=amounts("9.95", average=None),
    ),
    edge(
        "price 0 is printed",
        DROPPED,
        JUNE,
        by_registers("5", flat("0")),
        expected=amounts("0.00", average="0.0"),
    ),
    edge(
        "base of 0.00 is printed",
        DROPPED,
        JUNE,
        by_registers("0", base("0.00")),
        expected=amounts("0.00"),
    ),
)

CHARGES = (
    edge(
        "base of 31 days",
        SHARE,
        period_of("2026-07-01", 31),
        by_registers("0", base("9.95")),
        expected=amounts("9.95"),
    ),
    edge(
        "base of 14 days",
        SHARE,
        FORTNIGHT,
        by_registers("0", base("9.95")),
        expected=amounts("4.64"),
    ),
    edge(
        "base, whole",
        SHARE,
        FORTNIGHT,
        by_registers("0", base("9.95", proration="none")),
        expected=amounts("9.95"),
    ),
    edge(
        "base above 30 days",
        SHARE,
        period_of("2026-07-01", 31),
        by_registers("0", base("30.00", proration="days_over_30")),
        expected=amounts("31.00"),
    ),
    edge(
        "base over two calendar months",
        SHARE,
        period_of("2026-01-17", 29),
        by_registers("0", base("31.00", proration="calendar_month")),
        expected=amounts("30.50"),
    ),
    edge(
        "base of a leap February",
        SHARE,
        period_of("2028-02-15", 15),
        by_registers("0", base("29.00", proration="calendar_month")),
        expected=amounts("15.00"),
    ),
    edge(
        "daily charge",
        "Start day counts, end day does not.",
        FORTNIGHT,
        by_registers("0", component_of("base_charge_daily", amount_usd_per_day="0.85")),
        expected=amounts("11.90"),
    ),
    edge(
        "tier filled exactly",
        TIERS,
        JUNE,
        by_registers("500", tiered()),
        expected=amounts("150.00"),
    ),
    edge(
        "tier passed by one Wh",
        TIERS,
        JUNE,
        by_registers("500.001", tiered()),
        expected=amounts("150.00", "0.00"),
    ),
    edge(
        "tier bound not prorated",
        TIERS,
        period_of("2026-06-01", 10),
        by_registers("200", tiered()),
        expected=amounts("60.00"),
    ),
    edge(
        "tier bound prorated to a third",
        TIERS,
        period_of("2026-06-01", 10),
        by_registers("200", tiered(prorate_bounds="days_over_30_capped")),
        expected=amounts("50.00", "20.00"),
    ),
    edge(
        "first tiers of any width, last one open",
        TIERS,
        JUNE,
        by_registers(
            "1500",
            component_of(
                "energy_tiered",
                tiers=[tier("500", "0.1"), tier("1000", "0.2"), tier(None, "0.3")],
            ),
        ),
        expected=amounts("50.00", "100.00", "150.00"),
    ),
)

EDGES: tuple[EdgeCase, ...] = NUMBERS + CHARGES
