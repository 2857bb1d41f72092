"""Edges of bands, fees, demand, one-offs and the average price."""

from __future__ import annotations

from tests.oracle.building import component_of, period_of, plan_of, registers, site_of, spread_over
from tests.oracle.documents import Document
from tests.oracle.edge_case import FORTNIGHT, HALF_MONTH, JUNE, EdgeCase, by_registers, edge, flat
from tests.oracle.edge_components import amounts, credit

BAND = "Both ends count unless printed otherwise; exact Wh, not rounded kWh; several stack."
MINIMUM = "Amount when kWh is below the limit, or at it where printed."
DEMAND = "Measured kW = highest quarter hour x 4; the ratcheted kW is not rounded; not prorated."
ONE_OFF = "Once, never prorated, outside the average price."
AVERAGE = "Rounded recurring lines / imported kWh, half-up to 0.1 cent; absent at 0 kWh."


def fee(amount: str, **fields: object) -> Document:
    return component_of("usage_fee", "fee", amount_usd=amount, **fields)


def minimum(**fields: object) -> Document:
    return component_of("minimum_usage_fee", "minimum", amount_usd="9.95", **fields)


def demand(price: str, **fields: object) -> Document:
    return component_of("demand", "demand", price_usd_per_kw=price, **fields)


def peak_of(kw: str, *components: Document, **fields: object) -> Document:
    return site_of(plan_of(*components), registers("100", peak_kw=kw), **fields)


BANDS = (
    edge(
        "credit at its start",
        BAND,
        JUNE,
        by_registers("500", credit("35", from_kwh="500")),
        expected=amounts("-35.00"),
    ),
    edge(
        "credit one Wh short",
        BAND,
        JUNE,
        by_registers("499.999", credit("35", from_kwh="500")),
        expected=amounts(),
    ),
    edge(
        "credit at its end",
        BAND,
        JUNE,
        by_registers("500", credit("35", to_kwh="500")),
        expected=amounts("-35.00"),
    ),
    edge(
        "credit one Wh beyond",
        BAND,
        JUNE,
        by_registers("500.001", credit("35", to_kwh="500")),
        expected=amounts(),
    ),
    edge(
        "credit whose start does not count",
        BAND,
        JUNE,
        by_registers("500", credit("35", from_kwh="500", include_from=False)),
        expected=amounts(),
    ),
    edge(
        "credit whose end does not count",
        BAND,
        JUNE,
        by_registers("500", credit("35", to_kwh="500", include_to=False)),
        expected=amounts(),
    ),
    edge(
        "credit of a single point",
        BAND,
        JUNE,
        by_registers("500", credit("35", from_kwh="500", to_kwh="500")),
        expected=amounts("-35.00"),
    ),
    edge(
        "credit at 0 kWh",
        BAND,
        JUNE,
        by_registers("0", credit("35", to_kwh="500")),
        expected=amounts("-35.00", average=None),
    ),
    edge(
        "credit prorated, threshold not",
        BAND,
        HALF_MONTH,
        by_registers(
            "499",
            credit("35", from_kwh="500", proration="days_over_30_capped"),
            credit("15", "other", to_kwh="499", proration="days_over_30_capped"),
        ),
        expected=amounts("-7.50"),
    ),
    edge(
        "credits stack",
        BAND,
        JUNE,
        by_registers(
            "2000", credit("35", "one", from_kwh="1000"), credit("15", "two", from_kwh="2000")
        ),
        expected=amounts("-35.00", "-15.00", average="-2.5"),
    ),
    edge(
        "fee at its end",
        BAND,
        JUNE,
        by_registers("1999", fee("8", to_kwh="1999")),
        expected=amounts("8.00"),
    ),
    edge(
        "fee one Wh beyond",
        BAND,
        JUNE,
        by_registers("1999.001", fee("8", to_kwh="1999")),
        expected=amounts(),
    ),
    edge(
        "bands look at imported kWh, not at the net",
        "Bands, tiers, demand and average price look at imported kWh, never at the net.",
        JUNE,
        site_of(plan_of(credit("35", from_kwh="500")), registers("600", export_kwh="500")),
        expected=amounts("-35.00", average="-5.8"),
    ),
    edge(
        "minimum one Wh below",
        MINIMUM,
        JUNE,
        by_registers("499.999", minimum(below_kwh="500")),
        expected=amounts("9.95"),
    ),
    edge(
        "minimum at the limit",
        MINIMUM,
        JUNE,
        by_registers("500", minimum(below_kwh="500")),
        expected=amounts(),
    ),
    edge(
        "minimum at a limit that counts",
        MINIMUM,
        JUNE,
        by_registers("500", minimum(below_kwh="500", include_limit=True)),
        expected=amounts("9.95"),
    ),
    edge(
        "minimum prorated, limit not",
        MINIMUM,
        HALF_MONTH,
        by_registers("499", minimum(below_kwh="500", proration="days_over_30_capped")),
        expected=amounts("4.98"),
    ),
)

ONE_DAY = period_of("2026-06-01", 1)
DEMANDS = (
    edge(
        "highest quarter hour",
        DEMAND,
        ONE_DAY,
        site_of(
            plan_of(demand("12.38")),
            spread_over(ONE_DAY, 15_425, lambda date, minute: minute == 1005),
        ),
        expected=amounts("763.85"),
    ),
    edge(
        "measured kW not rounded",
        DEMAND,
        JUNE,
        peak_of("61.75", demand("10")),
        expected=amounts("617.50"),
    ),
    edge(
        "measured kW rounded where printed",
        DEMAND,
        JUNE,
        peak_of("61.75", demand("10", round_kw_decimals=1)),
        expected=amounts("618.00"),
    ),
    edge(
        "ratcheted kW never rounded",
        DEMAND,
        JUNE,
        peak_of(
            "61.7", demand("12.38", ratchet_percent="80", round_kw_decimals=0), prior_peak_kw="88.4"
        ),
        expected=amounts("875.51"),
    ),
    edge(
        "rounded measured kW against the ratchet",
        DEMAND,
        JUNE,
        peak_of(
            "70.5", demand("10", ratchet_percent="80", round_kw_decimals=0), prior_peak_kw="88.4"
        ),
        expected=amounts("710.00"),
    ),
    edge(
        "past peak without ratchet",
        DEMAND,
        JUNE,
        peak_of("61.7", demand("10"), prior_peak_kw="88.4"),
        expected=amounts("617.00"),
    ),
    edge(
        "demand of three days",
        DEMAND,
        period_of("2026-06-01", 3),
        peak_of("10", demand("10")),
        expected=amounts("100.00"),
    ),
    edge("no demand, no line", DEMAND, JUNE, peak_of("0", demand("10")), expected=amounts()),
)

ONE_OFFS = (
    edge(
        "fee on the first bill",
        ONE_OFF,
        FORTNIGHT,
        by_registers("100", flat("0.1"), component_of("one_off", amount_usd="75")),
        expected=amounts("10.00", "75.00", average="10.0"),
    ),
    edge(
        "no fee on later bills",
        ONE_OFF,
        JUNE,
        by_registers(
            "100", flat("0.1"), component_of("one_off", amount_usd="75"), first_bill=False
        ),
        expected=amounts("10.00"),
    ),
    edge(
        "credit on the final bill",
        ONE_OFF,
        JUNE,
        by_registers(
            "100",
            component_of("one_off", amount_usd="-25", on="final_bill"),
            flat("0.1"),
            first_bill=False,
            final_bill=True,
        ),
        expected=amounts("-25.00", "10.00", average="10.0"),
    ),
    edge(
        "average half-up",
        AVERAGE,
        JUNE,
        by_registers("100", flat("0.1225")),
        expected=amounts("12.25", average="12.3"),
    ),
    edge(
        "average of a rounded line",
        AVERAGE,
        JUNE,
        by_registers("1", flat("0.12449")),
        expected=amounts("0.12", average="12.0"),
    ),
    edge(
        "negative average",
        AVERAGE,
        JUNE,
        by_registers("100", flat("0.1"), credit("35.05")),
        expected=amounts("10.00", "-35.05", average="-25.1"),
    ),
)

EDGES: tuple[EdgeCase, ...] = BANDS + DEMANDS + ONE_OFFS
