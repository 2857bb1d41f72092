"""Edges of assessments, of sales taxes, of their splits and their places."""

from __future__ import annotations

from tests.oracle.building import component_of, local_tax, place_of, tax_of
from tests.oracle.documents import Document
from tests.oracle.edge_case import JUNE, EdgeCase, by_registers, edge, flat

PUC = "PUC assessment: taxed lines / 600, on the whole invoice, rounded once."
RECEIPTS = "Gross receipts by the city's population; none outside a city or up to 1,000."
SALES = "Sales tax on taxed lines + PUC + gross receipts; homes pay opted-in local taxes only."
BEGINS = "A local tax counts when the period begins inside its [from, to)."
LOCALS = "Local taxes are rounded together, the last listed that applies takes the residual."
SPLIT = "Split over the sections, the last takes the residual; unreached sections have no share."
PLACES = "PUC on the whole invoice; gross receipts and sales taxes for each jurisdiction."
NOTHING = "A base of 0 or less has no tax line."
NOWHERE = place_of("nowhere", None)
CITY = place_of("city", 250_000)
SALES_ONLY = ["sales"]


def taxed(kwh: str, tax: Document, **fields: object) -> Document:
    """So many dollars of energy: a dollar for each kWh."""
    return by_registers(kwh, flat("1", "energy", **fields), tax=tax)


def in_town(population: int | None) -> Document:
    return tax_of(place_of("town", population))


def expected(*taxes: tuple[str, str | None, str], **more: object) -> Document:
    return {"taxes": list(taxes), **more}


def two_sections(
    retailer_usd: str, delivery_usd: str, tax: Document, **flags: list[str]
) -> Document:
    """A retailer's line and a delivery charge of so many dollars, with the taxes of each."""
    charge: Document = {"code": "wires", "label": "Wires", "amount_usd": delivery_usd}
    if "delivery" in flags:
        charge["taxes"] = flags["delivery"]
    retailer_flags: Document = {"taxes": flags["retailer"]} if "retailer" in flags else {}
    return by_registers(
        retailer_usd,
        flat("1", "energy", **retailer_flags),
        component_of("delivery"),
        delivery_charges=[charge],
        tax=tax,
    )


POPULATION_RATES = (
    (None, None),
    (1000, None),
    (1001, "5.81"),
    (2499, "5.81"),
    (2500, "10.70"),
    (9999, "10.70"),
    (10_000, "19.97"),
)
ASSESSMENTS = (
    *(
        edge(
            f"gross receipts at {population}",
            RECEIPTS,
            JUNE,
            taxed("1000", in_town(population)),
            expected=expected(
                ("puc_assessment", None, "1.67"),
                *([] if receipts is None else [("gross_receipts", "town", receipts)]),
            ),
        )
        for population, receipts in POPULATION_RATES
    ),
    edge(
        "PUC tie",
        PUC,
        JUNE,
        taxed("3", tax_of(NOWHERE)),
        expected=expected(("puc_assessment", None, "0.01")),
    ),
    edge(
        "PUC of 0.00 is printed",
        PUC,
        JUNE,
        taxed("2.99", tax_of(NOWHERE)),
        expected=expected(("puc_assessment", None, "0.00")),
    ),
    edge(
        "public school district",
        "Not for public school districts.",
        JUNE,
        taxed("1000", tax_of(CITY, residential=False, exemption="public_school_district")),
        expected=expected(("puc_assessment", None, "1.67")),
    ),
    edge(
        "exempt certificate",
        SALES,
        JUNE,
        taxed("1000", tax_of(CITY, residential=False, exemption="sales_tax")),
        expected=expected(("puc_assessment", None, "1.67"), ("gross_receipts", "city", "19.97")),
    ),
    edge(
        "no tax facts, no taxes",
        PUC,
        JUNE,
        by_registers("1000", flat("1")),
        expected=expected(total="1000.00"),
    ),
    edge(
        "negative base",
        NOTHING,
        JUNE,
        by_registers("0", component_of("usage_credit", amount_usd="35"), tax=tax_of(CITY)),
        expected=expected(total="-35.00"),
    ),
    edge(
        "nothing taxed",
        NOTHING,
        JUNE,
        taxed("1000", tax_of(CITY), taxes=[]),
        expected=expected(total="1000.00"),
    ),
    edge(
        "one-off taxed as flagged",
        "One-off fee: taxes as flagged.",
        JUNE,
        by_registers(
            "0",
            component_of("one_off", amount_usd="600", taxes=["puc"]),
            tax=tax_of(CITY, residential=False),
        ),
        expected=expected(("puc_assessment", None, "1.00")),
    ),
)


def local(code: str, rate: str = "0.01", **fields: object) -> Document:
    return local_tax(code, rate, residential=bool(fields.pop("residential", True)), **fields)


def home_with(*taxes: Document) -> Document:
    return taxed("100", tax_of(place_of("town", None, *taxes)), taxes=SALES_ONLY)


TOWN_OF_TWO = place_of("town", None, local("one", residential=False), local("two"))
SALES_TAXES = (
    edge(
        "a shop pays state and local",
        SALES,
        JUNE,
        taxed("1000", tax_of(TOWN_OF_TWO, residential=False), taxes=SALES_ONLY),
        expected=expected(
            ("state_sales", None, "62.50"), ("one", "town", "10.00"), ("two", "town", "10.00")
        ),
    ),
    edge(
        "a home pays what opted in",
        SALES,
        JUNE,
        home_with(*TOWN_OF_TWO["local_taxes"]),
        expected=expected(("two", "town", "1.00")),
    ),
    edge(
        "assessments are part of the base",
        SALES,
        JUNE,
        taxed("600", tax_of(CITY, residential=False)),
        expected=expected(
            ("puc_assessment", None, "1.00"),
            ("gross_receipts", "city", "11.98"),
            ("state_sales", None, "38.31"),
        ),
    ),
    edge(
        "local tax from the first day",
        BEGINS,
        JUNE,
        home_with(local("one", from_="2026-06-01")),
        expected=expected(("one", "town", "1.00")),
    ),
    edge(
        "local tax from the second day",
        BEGINS,
        JUNE,
        home_with(local("one", from_="2026-06-02")),
        expected=expected(),
    ),
    edge(
        "local tax until the first day",
        BEGINS,
        JUNE,
        home_with(local("one", to="2026-06-01")),
        expected=expected(),
    ),
    edge(
        "local tax until the second day",
        BEGINS,
        JUNE,
        home_with(local("one", to="2026-06-02")),
        expected=expected(("one", "town", "1.00")),
    ),
    edge(
        "two half cents are one cent",
        LOCALS,
        JUNE,
        home_with(local("one", "0.00005"), local("two", "0.00005")),
        expected=expected(("one", "town", "0.01"), ("two", "town", "0.00")),
    ),
    edge(
        "the residual is of those that apply",
        LOCALS,
        JUNE,
        home_with(local("one", "0.00004"), local("two", "0.00004"), local("old", to="2026-06-01")),
        expected=expected(("one", "town", "0.00"), ("two", "town", "0.01")),
    ),
)

SPLITS = (
    edge(
        "delivery takes the residual",
        SPLIT,
        JUNE,
        two_sections("3", "3.00", tax_of(NOWHERE)),
        expected=expected(
            ("puc_assessment", None, "0.01"), splits=[[("retailer", "0.01"), ("delivery", "0.00")]]
        ),
    ),
    edge(
        "no share without a line that is reached",
        SPLIT,
        JUNE,
        two_sections("600", "600.00", tax_of(NOWHERE), retailer=[]),
        expected=expected(("puc_assessment", None, "1.00"), splits=[[("delivery", "1.00")]]),
    ),
    edge(
        "shares count where sales tax reaches lines",
        "The PUC and gross-receipts shares of a section count only where sales tax reaches lines.",
        JUNE,
        two_sections(
            "600",
            "600.00",
            tax_of(NOWHERE, residential=False),
            retailer=["puc", "sales"],
            delivery=["puc"],
        ),
        expected=expected(
            ("puc_assessment", None, "2.00"),
            ("state_sales", None, "37.56"),
            splits=[
                [("retailer", "1.00"), ("delivery", "1.00")],
                [("retailer", "37.56")],
            ],
        ),
    ),
)

EDGES: tuple[EdgeCase, ...] = ASSESSMENTS + SALES_TAXES + SPLITS
