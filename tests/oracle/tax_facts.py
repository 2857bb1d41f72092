"""What taxes depend on: the law's rates, the place of a site, and who the customer is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.documents import (
    REQUIRED,
    Document,
    one_of,
    optional,
    read_fields,
    read_flag,
    read_list,
    read_text,
    read_whole,
)
from tests.oracle.exact import read_rate
from tests.oracle.market_days import read_date


@dataclass(frozen=True, slots=True)
class TaxRates:
    """Rates of the assessments and of the state; gross receipts as (above population, rate)."""

    puc: Fraction
    state_sales: Fraction
    gross_receipts: tuple[tuple[int, Fraction], ...]

    def gross_receipts_of(self, population: int | None) -> Fraction | None:
        """The rate of the highest step below a population; None outside a city and below all."""
        if population is None:
            return None
        reached = [(above, rate) for above, rate in self.gross_receipts if population > above]
        return max(reached)[1] if reached else None


RATES_OF_THE_LAW = TaxRates(
    puc=Fraction(1, 600),
    state_sales=Fraction("0.0625"),
    gross_receipts=(
        (1000, Fraction("0.00581")),
        (2499, Fraction("0.0107")),
        (9999, Fraction("0.01997")),
    ),
)


@dataclass(frozen=True, slots=True)
class LocalTax:
    """A local sales tax, in force for periods that begin in `[start, end)`."""

    code: str
    label: str
    rate: Fraction
    residential: bool
    start: dt.date | None
    end: dt.date | None

    def in_force(self, date: dt.date) -> bool:
        """Whether a period that begins on the date pays the tax."""
        return (self.start is None or self.start <= date) and (self.end is None or date < self.end)


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction; its population is None outside a city."""

    code: str
    population: int | None
    local_taxes: tuple[LocalTax, ...]


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """Who a site's customer is to the tax office, and where the meter stands."""

    residential: bool
    exemption: str
    place: Place


def read_tax_facts(document: object, where: str) -> TaxFacts:
    """The `tax` of a site."""
    terms = read_fields(
        document,
        where,
        {
            "residential": (read_flag, REQUIRED),
            "exemption": (one_of("none", "sales_tax", "public_school_district"), "none"),
            "place": (_read_place, REQUIRED),
        },
    )
    return TaxFacts(**terms)


def _read_place(document: object, where: str) -> Place:
    terms = read_fields(
        document,
        where,
        {
            "code": (read_text, REQUIRED),
            "name": (read_text, None),
            "population": (optional(read_whole), None),
            "local_taxes": (_read_local_taxes, ()),
        },
    )
    return Place(terms["code"], terms["population"], terms["local_taxes"])


def _read_local_taxes(value: object, where: str) -> tuple[LocalTax, ...]:
    return tuple(
        _read_local_tax(tax, f"{where}[{n}]") for n, tax in enumerate(read_list(value, where))
    )


def _read_local_tax(document: object, where: str) -> LocalTax:
    terms = read_fields(
        document,
        where,
        {
            "code": (read_text, REQUIRED),
            "label": (read_text, REQUIRED),
            "rate": (read_rate, REQUIRED),
            "residential": (read_flag, False),
            "from": (optional(read_date), None),
            "to": (optional(read_date), None),
        },
    )
    start, end = terms.pop("from"), terms.pop("to")
    return LocalTax(**terms, start=start, end=end)


def read_tax_rates(document: object, where: str) -> TaxRates:
    """The `tax_rates` of a case; what it leaves out is as in the law."""
    law = RATES_OF_THE_LAW
    terms: Document = read_fields(
        document,
        where,
        {
            "puc": (read_rate, law.puc),
            "state_sales": (read_rate, law.state_sales),
            "gross_receipts": (_read_steps, law.gross_receipts),
        },
    )
    return TaxRates(**terms)


def _read_steps(value: object, where: str) -> tuple[tuple[int, Fraction], ...]:
    steps = []
    for number, step in enumerate(read_list(value, where)):
        terms = read_fields(
            step,
            f"{where}[{number}]",
            {"above_population": (read_whole, REQUIRED), "rate": (read_rate, REQUIRED)},
        )
        steps.append((terms["above_population"], terms["rate"]))
    return tuple(steps)
