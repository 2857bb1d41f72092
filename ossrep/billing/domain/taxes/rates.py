"""Taxes and assessments of a Texas electric bill: rates as data, arithmetic to the cent.

Every amount is whole cents. A *section* is the retailer's or the delivery part of one site. What
a tax reaches is given as sums of rounded lines; a section is *present* for a tax when it has a
line which that tax reaches, whatever the line's amount.

Source: PUC assessment Util. Code 16.001; gross receipts Tax Code ch. 182; sales tax Tax Code
151.317 and 321.105; a local tax counts for periods that begin inside it (34 TAC §3.334).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

TAXES = ("puc", "gross_receipts", "sales")
SECTIONS = ("retailer", "delivery")


@dataclass(frozen=True, slots=True)
class LocalTax:
    """A local sales tax of a place, for periods that begin in ``[from_date, to_date)``.

    ``rate`` is a fraction of the base; ``residential`` where it reaches residential use too.
    """

    code: str
    label: str
    rate: Fraction
    residential: bool
    from_date: dt.date
    to_date: dt.date | None

    def counts_for(self, *, residential: bool, period_start: dt.date) -> bool:
        """True when a site's period that begins on ``period_start`` owes this tax."""
        begun = self.from_date <= period_start
        open_then = self.to_date is None or period_start < self.to_date
        return begun and open_then and (self.residential or not residential)

    def shares_a_day(self, other: LocalTax) -> bool:
        """True when both are in force on some day."""
        return (self.to_date is None or other.from_date < self.to_date) and (
            other.to_date is None or self.from_date < other.to_date
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A city, or what lies outside of one (``population`` None), with its taxes in order."""

    code: str
    name: str
    population: int | None
    local_taxes: tuple[LocalTax, ...] = ()


@dataclass(frozen=True, slots=True)
class GrossReceiptsTier:
    """The rate of cities with more people than ``above_population``."""

    above_population: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class TaxRates:
    """What the state's law sets; the defaults are the figures in force."""

    puc: Fraction = Fraction(1, 600)
    state_sales: Fraction = Fraction("0.0625")
    gross_receipts: tuple[GrossReceiptsTier, ...] = (
        GrossReceiptsTier(above_population=1_000, rate=Fraction("0.00581")),
        GrossReceiptsTier(above_population=2_499, rate=Fraction("0.0107")),
        GrossReceiptsTier(above_population=9_999, rate=Fraction("0.01997")),
    )

    def gross_receipts_rate(self, population: int | None) -> Fraction:
        """The rate of a city's population; 0 outside a city and below the first tier."""
        if population is None:
            return Fraction(0)
        reached = [t for t in self.gross_receipts if population > t.above_population]
        return max(reached, key=lambda tier: tier.above_population).rate if reached else Fraction(0)


@dataclass(frozen=True, slots=True)
class TaxTemplate:
    """What every line of one tax says; ``place`` is None for the assessment and the state tax.

    The label of a place's tax ends with the place's name, as bills print it.
    """

    code: str
    label: str
    place: str | None
    rate: Fraction


def puc_template(rates: TaxRates) -> TaxTemplate:
    return TaxTemplate("puc_assessment", "PUC Assessment", None, rates.puc)


def gross_receipts_template(rate: Fraction, place: Place) -> TaxTemplate:
    label = "Miscellaneous Gross Receipts Tax Reimbursement"
    return TaxTemplate("gross_receipts", f"{label}, {place.name}", place.code, rate)


def state_template(rates: TaxRates) -> TaxTemplate:
    return TaxTemplate("state_sales", "State Sales Tax", None, rates.state_sales)


def local_template(tax: LocalTax, place: Place) -> TaxTemplate:
    return TaxTemplate(tax.code, f"{tax.label}, {place.name}", place.code, tax.rate)
