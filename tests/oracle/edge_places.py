"""Edges of bills with several premises, in one place or in several."""

from __future__ import annotations

from tests.oracle.building import local_tax, place_of, tax_of
from tests.oracle.edge_case import JUNE, EdgeCase, edge
from tests.oracle.edge_taxes import NOWHERE, PLACES, SALES_ONLY, expected, taxed

HERE, THERE = place_of("here", 10_000), place_of("there", 1001)
TWO_TAXES = (
    local_tax("opted_in", "0.00005", residential=True),
    local_tax("shops", "0.00004", residential=False),
)
HOME_AND_SHOP = place_of("town", None, *TWO_TAXES)
SEVERAL_PLACES = (
    edge(
        "local taxes of a home and a shop are rounded together",
        PLACES,
        JUNE,
        taxed("50", tax_of(HOME_AND_SHOP), taxes=SALES_ONLY),
        taxed("60", tax_of(HOME_AND_SHOP, residential=False), taxes=SALES_ONLY),
        expected=expected(
            ("state_sales", None, "3.75"),
            ("opted_in", "town", "0.01"),
            ("shops", "town", "0.00"),
            splits=[
                [("retailer", "3.75")],
                [("retailer", "0.00"), ("retailer", "0.01")],
                [("retailer", "0.00")],
            ],
        ),
    ),
    edge(
        "two premises in two places",
        PLACES,
        JUNE,
        taxed("300", tax_of(HERE, residential=False)),
        taxed("300", tax_of(THERE, residential=False)),
        expected=expected(
            ("puc_assessment", None, "1.00"),
            ("gross_receipts", "here", "5.99"),
            ("gross_receipts", "there", "1.74"),
            ("state_sales", None, "38.05"),
        ),
    ),
    edge(
        "two premises in one place are rounded once",
        PLACES,
        JUNE,
        taxed("3", tax_of(NOWHERE)),
        taxed("3", tax_of(NOWHERE)),
        expected=expected(
            ("puc_assessment", None, "0.01"), splits=[[("retailer", "0.01"), ("retailer", "0.00")]]
        ),
    ),
    edge(
        "places in the order of their first site",
        PLACES,
        JUNE,
        taxed("300", tax_of(THERE), taxes=["gross_receipts"]),
        taxed("300", tax_of(HERE), taxes=["gross_receipts"]),
        taxed("300", tax_of(THERE), taxes=["gross_receipts"]),
        expected=expected(
            ("gross_receipts", "there", "3.49"),
            ("gross_receipts", "here", "5.99"),
            splits=[[("retailer", "1.74"), ("retailer", "1.75")], [("retailer", "5.99")]],
        ),
    ),
    edge(
        "a school beside a shop",
        PLACES,
        JUNE,
        taxed("300", tax_of(HERE, residential=False, exemption="public_school_district")),
        taxed("300", tax_of(HERE, residential=False)),
        expected=expected(
            ("puc_assessment", None, "1.00"),
            ("gross_receipts", "here", "5.99"),
            ("state_sales", None, "19.16"),
            splits=[
                [("retailer", "0.50"), ("retailer", "0.50")],
                [("retailer", "5.99")],
                [("retailer", "19.16")],
            ],
        ),
    ),
)

EDGES: tuple[EdgeCase, ...] = SEVERAL_PLACES
