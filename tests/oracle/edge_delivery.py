"""Edges of delivery: invoices, rates that change, rows that prorate."""

from __future__ import annotations

from tests.oracle.building import (
    component_of,
    intervals,
    plan_of,
    registers,
    row,
    site_of,
    tariff_of,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import FORTNIGHT, HALF_MONTH, JUNE, EdgeCase, by_registers, edge
from tests.oracle.edge_components import amounts

INVOICED = "Amounts of the TDSP's 810 as received where there is one."
CHANGE = "kWh and days by local day; month and kW amounts by days in force / days of the period."
DELIVERY = component_of("delivery")
JUNE_11 = "2026-06-11"


def delivered(kwh: str, *rows: Document, **fields: object) -> Document:
    return by_registers(kwh, DELIVERY, tariff=tariff_of(*rows), **fields)


def changing(unit: str, before: str, after: str, on: str = JUNE_11, **fields: object) -> Document:
    rows = [
        row("wires", unit, before, to=on, **fields),
        row("wires", unit, after, from_=on, **fields),
    ]
    usage = intervals(JUNE, lambda date, minute: 25_000 if str(date) < on else 1000)
    return site_of(plan_of(DELIVERY), usage, tariff=tariff_of(*rows))


INVOICE = [
    {"code": "BAS001", "label": "Customer", "amount_usd": "4.06"},
    {"code": "DIS001", "label": "Refund", "amount_usd": "-1.37"},
    {"code": "NDC001", "label": "Decommissioning", "amount_usd": "0.00"},
]
DELIVERIES = (
    edge(
        "invoice replaces the tariff",
        INVOICED,
        JUNE,
        delivered("100", row("wires", "kwh", "0.05"), delivery_charges=INVOICE),
        expected=amounts("4.06", "-1.37", "0.00"),
    ),
    edge(
        "kWh by local day",
        CHANGE,
        JUNE,
        changing("kwh", "0.01", "0.02"),
        expected=amounts("240.00", "38.40"),
    ),
    edge(
        "days by local day",
        CHANGE,
        JUNE,
        changing("day", "0.10", "0.20"),
        expected=amounts("1.00", "4.00"),
    ),
    edge(
        "kWh rate change by registers",
        "Where only registers are known, kWh go by days in force.",
        JUNE,
        delivered(
            "100",
            row("wires", "kwh", "0.05", to="2026-06-10"),
            row("wires", "kwh", "0.06", from_="2026-06-10"),
        ),
        expected=amounts("1.50", "4.20"),
    ),
    edge(
        "month by days in force",
        CHANGE,
        JUNE,
        changing("month", "4.23", "4.06"),
        expected=amounts("1.41", "2.71"),
    ),
    edge(
        "kW of the whole period by days in force",
        CHANGE,
        JUNE,
        changing("kw", "3.00", "6.00"),
        expected=amounts("100.00", "400.00"),
    ),
    edge(
        "prorated month by days in force",
        CHANGE,
        HALF_MONTH,
        delivered(
            "1",
            row("meter", "month", "30.00", to="2026-06-06", proration="days_over_30_capped"),
            row("meter", "month", "60.00", from_="2026-06-06", proration="days_over_30_capped"),
        ),
        expected=amounts("5.00", "20.00"),
    ),
    edge(
        "change on the first day",
        CHANGE,
        JUNE,
        changing("month", "4.23", "4.06", "2026-06-01"),
        expected=amounts("4.06"),
    ),
    edge(
        "change on the end day",
        CHANGE,
        JUNE,
        changing("month", "4.23", "4.06", "2026-07-01"),
        expected=amounts("4.23"),
    ),
    edge(
        "month row is whole",
        "A month row is whole unless the row says prorate.",
        FORTNIGHT,
        delivered("0", row("meter", "month", "4.06"), row("wires", "kwh", "0.05")),
        expected=amounts("4.06"),
    ),
    edge(
        "signed rider and rate 0",
        "One line for each tariff row.",
        JUNE,
        delivered("1000", row("rider", "kwh", "-0.000372"), row("ndc", "kwh", "0.000000")),
        expected=amounts("-0.37", "0.00"),
    ),
    edge(
        "ratchet of a kW row",
        CHANGE,
        JUNE,
        site_of(
            plan_of(DELIVERY),
            registers("18400", peak_kw="61.7"),
            tariff=tariff_of(row("demand", "kw", "12.38", ratchet_percent="80")),
            prior_peak_kw="88.4",
        ),
        expected=amounts("875.51"),
    ),
)

EDGES: tuple[EdgeCase, ...] = DELIVERIES
