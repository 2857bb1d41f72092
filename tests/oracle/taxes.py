"""Taxes and assessments: PUC, then gross receipts, then sales tax, each with its split.

A part of the bill is one section of one site. For each tax, `Bases` holds the dollars of each
part that the tax reaches, in printed order; a part without a line that the tax reaches is absent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.documents import Document
from tests.oracle.exact import exact_text, money_text, to_cents
from tests.oracle.lines import Line
from tests.oracle.tax_facts import Place, TaxFacts, TaxRates

SECTIONS = ("retailer", "delivery")
ZERO = Fraction(0)
Part = tuple[int, str]
Bases = Mapping[Part, Fraction]


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax line: its base, its amount rounded once, and the amount of each part."""

    code: str
    label: str
    place: str | None
    rate: Fraction
    base_usd: Fraction
    amount_usd: Fraction
    split: Mapping[Part, Fraction]

    def as_document(self) -> Document:
        """The tax as `docs/formats/quote.md` writes it."""
        return {
            "code": self.code,
            "label": self.label,
            "place": self.place,
            "rate": exact_text(self.rate),
            "base_usd": money_text(self.base_usd),
            "amount_usd": money_text(self.amount_usd),
            "split": [
                {"site": site, "section": section, "amount_usd": money_text(amount)}
                for (site, section), amount in self.split.items()
            ],
        }


def taxes_of(
    lines: list[Line], facts: Mapping[int, TaxFacts], rates: TaxRates, start: dt.date
) -> list[Tax]:
    """The tax lines of a bill; `facts` has the sites that are taxed at all."""
    puc = _puc_assessment(lines, facts, rates)
    places = _places(facts)
    receipts = [
        tax for place in places if (tax := _gross_receipts(lines, facts, rates, place)) is not None
    ]
    before = [*puc, *receipts]
    local = [tax for place in places for tax in _local_taxes(lines, facts, place, before, start)]
    return [*before, *_state_sales_tax(lines, facts, rates, before), *local]


def _places(facts: Mapping[int, TaxFacts]) -> list[Place]:
    """The places of the taxed sites, in the order of their first site."""
    by_code: dict[str, Place] = {}
    for site in sorted(facts):
        by_code.setdefault(facts[site].place.code, facts[site].place)
    return list(by_code.values())


def _bases(lines: list[Line], tax: str, sites: Collection[int]) -> dict[Part, Fraction]:
    """The dollars of the lines that a tax reaches, for each part that has such a line."""
    bases: dict[Part, Fraction] = {}
    for site in sorted(sites):
        for section in SECTIONS:
            reached = [
                line.amount_usd
                for line in lines
                if line.site == site and line.section == section and tax in line.taxes
            ]
            if reached:
                bases[site, section] = sum(reached, ZERO)
    return bases


def _split(amount: Fraction, rate: Fraction, bases: Bases) -> dict[Part, Fraction]:
    """Rate x base of each part, rounded; the last part takes the residual."""
    *firsts, last = bases
    split = {part: to_cents(rate * bases[part]) for part in firsts}
    split[last] = amount - sum(split.values(), ZERO)
    return split


def _tax(
    *,
    code: str,
    label: str,
    place: str | None,
    rate: Fraction,
    bases: Bases,
    amount: Fraction | None = None,
) -> Tax | None:
    base = sum(bases.values(), ZERO)
    if base <= 0:
        return None
    if amount is None:
        amount = to_cents(rate * base)
    return Tax(code, label, place, rate, base, amount, _split(amount, rate, bases))


def _puc_assessment(lines: list[Line], facts: Mapping[int, TaxFacts], rates: TaxRates) -> list[Tax]:
    tax = _tax(
        code="puc_assessment",
        label="PUC Assessment",
        place=None,
        rate=rates.puc,
        bases=_bases(lines, "puc", facts),
    )
    return [] if tax is None else [tax]


def _gross_receipts(
    lines: list[Line], facts: Mapping[int, TaxFacts], rates: TaxRates, place: Place
) -> Tax | None:
    rate = rates.gross_receipts_of(place.population)
    if rate is None:
        return None
    sites = [
        site
        for site, fact in facts.items()
        if fact.place.code == place.code and fact.exemption != "public_school_district"
    ]
    return _tax(
        code="gross_receipts",
        label="Gross Receipts Reimbursement",
        place=place.code,
        rate=rate,
        bases=_bases(lines, "gross_receipts", sites),
    )


def _sales_bases(lines: list[Line], sites: Collection[int], before: list[Tax]) -> Bases:
    """Lines that sales tax reaches, plus the PUC and gross-receipts shares of the same parts."""
    bases = _bases(lines, "sales", sites)
    for part in bases:
        bases[part] += sum((tax.split.get(part, ZERO) for tax in before), ZERO)
    return bases


def _state_sales_tax(
    lines: list[Line], facts: Mapping[int, TaxFacts], rates: TaxRates, before: list[Tax]
) -> list[Tax]:
    """The state's tax by itself: its jurisdiction is the whole state, so the whole invoice."""
    business = [
        site for site, fact in facts.items() if fact.exemption == "none" and not fact.residential
    ]
    tax = _tax(
        code="state_sales",
        label="State Sales Tax",
        place=None,
        rate=rates.state_sales,
        bases=_sales_bases(lines, business, before),
    )
    return [] if tax is None else [tax]


def _local_taxes(
    lines: list[Line],
    facts: Mapping[int, TaxFacts],
    place: Place,
    before: list[Tax],
    start: dt.date,
) -> list[Tax]:
    """The local taxes of a place rounded together; the last that applies takes the residual."""
    liable = {
        site: fact
        for site, fact in facts.items()
        if fact.place.code == place.code and fact.exemption == "none"
    }
    business = [site for site, fact in liable.items() if not fact.residential]
    applying = []
    for local in place.local_taxes:
        bases = _sales_bases(lines, list(liable) if local.residential else business, before)
        if local.in_force(start) and sum(bases.values(), ZERO) > 0:
            applying.append((local, bases))
    exact = [local.rate * sum(bases.values(), ZERO) for local, bases in applying]
    amounts = [to_cents(amount) for amount in exact[:-1]]
    amounts.append(to_cents(sum(exact, ZERO)) - sum(amounts, ZERO))
    locals_ = [
        _tax(
            code=local.code,
            label=local.label,
            place=place.code,
            rate=local.rate,
            bases=bases,
            amount=amount,
        )
        for (local, bases), amount in zip(applying, amounts, strict=False)
    ]
    return [tax for tax in locals_ if tax is not None]
