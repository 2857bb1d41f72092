"""Strategies of tariffs that change inside the period, of TDSP invoices, places and tax facts."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from tests.oracle.building import ALWAYS, local_tax, place_of, row, tariff_of, tax_of
from tests.oracle.documents import Document
from tests.oracle.market_days import PRORATIONS, Period
from tests.oracle.number_strategies import rarely, signed_amounts, signed_rates

Draw = st.DrawFn
UNITS = ("month", "day", "kwh", "kw")
POPULATIONS = (250_000, 10_000, 9999, 2500, 2499, 1001, 250_000, 1000, 0, None)
LOCAL_RATES = ("0.00125", "0.0025", "0.005", "0.01", "0.02")
row_taxes = st.lists(st.sampled_from(("puc", "gross_receipts", "sales")), unique=True)


@st.composite
def tariffs(draw: Draw, *, period: Period) -> Document:
    """One to four charge codes, each covering the period with one to three rows."""
    rows: list[Document] = []
    units = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=4))
    for number, unit in enumerate(units):
        rows += draw(_rows_of_code(f"{unit.upper()}_{number}", unit, period))
    if draw(st.booleans()):
        rows = draw(st.permutations(rows))
    return tariff_of(*rows)


@st.composite
def _rows_of_code(draw: Draw, code: str, unit: str, period: Period) -> list[Document]:
    inside = st.dates(period.start + dt.timedelta(days=1), period.end)
    changes = sorted(draw(st.sets(inside.map(str), max_size=2)))
    starts = [draw(st.sampled_from((ALWAYS, str(period.start)))), *changes]
    ends = [*changes, draw(st.sampled_from((None, str(period.end + dt.timedelta(days=1)))))]
    rows = []
    for start, end in zip(starts, ends, strict=True):
        fields = draw(_row_fields(unit))
        rows.append(row(code, unit, draw(signed_rates()), from_=start, to=end, **fields))
    return rows


def _row_fields(unit: str) -> st.SearchStrategy[Document]:
    optional: dict[str, st.SearchStrategy[object]] = {"taxes": row_taxes}
    if unit == "month":
        optional["proration"] = st.sampled_from(PRORATIONS)
    if unit == "kw":
        optional["ratchet_percent"] = st.sampled_from(("80", "66.7"))
        optional["round_kw_decimals"] = st.integers(0, 2)
    return st.fixed_dictionaries({}, optional=optional)


@st.composite
def delivery_charges(draw: Draw) -> list[Document]:
    """The amounts of a TDSP's invoice, refunds and zeros included."""
    charges = []
    for number in range(draw(st.integers(1, 4))):
        charge: Document = {
            "code": f"CHARGE_{number}",
            "label": f"Charge {number}",
            "amount_usd": draw(signed_amounts()),
        }
        if draw(st.booleans()):
            charge["taxes"] = draw(row_taxes)
        charges.append(charge)
    return charges


@st.composite
def places(draw: Draw, *, code: str, start: dt.date) -> Document:
    """A place of any size with up to three local taxes, some ended or not yet begun."""
    around = st.sampled_from([str(start + dt.timedelta(days=n)) for n in (-30, 0, 1)])
    taxes = []
    for number in range(draw(st.sampled_from((2, 3, 1, 0)))):
        begins, ends = draw(st.just(ALWAYS) | around), draw(st.none() | around)
        if ends is not None and ends <= begins:
            ends = None
        taxes.append(
            local_tax(
                f"{code}_tax_{number}",
                draw(st.sampled_from(LOCAL_RATES)),
                residential=draw(st.booleans()),
                from_=begins,
                to=ends,
            )
        )
    return place_of(code, draw(st.sampled_from(POPULATIONS)), *taxes)


@st.composite
def tax_facts(draw: Draw, *, in_places: list[Document]) -> Document | None:
    """Tax facts of a site in one of the places, or none at all."""
    if draw(rarely):
        return None
    return tax_of(
        draw(st.sampled_from(in_places)),
        residential=draw(st.booleans()),
        exemption=draw(
            st.sampled_from(("none", "none", "none", "sales_tax", "public_school_district"))
        ),
    )


def tax_rates() -> st.SearchStrategy[Document]:
    """Rates other than the law's."""
    return st.fixed_dictionaries(
        {
            "puc": st.sampled_from(("1/600", "1/599", "0.002")),
            "state_sales": st.sampled_from(("0.0625", "0.07")),
            "gross_receipts": st.just(
                [
                    {"above_population": 1000, "rate": "0.01"},
                    {"above_population": 9999, "rate": "0.02"},
                ]
            ),
        }
    )
