"""Taxes of one invoice of any number of sites, in exact fractions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ossrep.billing.domain.taxes.rates import (
    SECTIONS,
    LocalTax,
    Place,
    TaxRates,
    TaxTemplate,
    gross_receipts_template,
    local_template,
    puc_template,
    state_template,
)
from ossrep.kernel.money import round_half_up_to_cents
from ossrep.published.customer import TaxExemption

_DOLLARS = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class TaxedSite:
    """One site of an invoice: where it lies, who uses it, and what each tax reaches.

    ``reached`` has whole cents by (tax, section) of ``TAXES`` and ``SECTIONS``; a missing key is
    a section without a line which that tax reaches.
    """

    place: Place
    residential: bool
    exemption: TaxExemption
    period_start: dt.date
    reached: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The part of a tax that stands in one section of one site (index into the sites)."""

    site: int
    section: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax of an invoice; the split adds up to the amount."""

    template: TaxTemplate
    base_cents: int
    amount_cents: int
    split: tuple[TaxShare, ...]


def tax_invoice(*, rates: TaxRates, sites: Sequence[TaxedSite | None]) -> tuple[TaxLine, ...]:
    """Taxes of one invoice of any number of sites; a site that is None owes none at all.

    The assessment and the state's tax are computed over the whole invoice, the city's over the
    sites in it; each is rounded once and split over the sections in printed order.
    """
    taxed = [(index, site) for index, site in enumerate(sites) if site is not None]
    lines = [_line(puc_template(rates), _sections(taxed, "puc"))]
    places = list(dict.fromkeys(site.place for _, site in taxed))
    lines += [_gross_receipts_line(rates, place, taxed) for place in places]
    on_top = _shares_by_section(lines)
    lines.append(_state_line(rates, taxed, on_top))
    for place in places:
        lines += _local_lines(place, taxed, on_top)
    return tuple(line for line in lines if line is not None)


_Taxed = Sequence[tuple[int, TaxedSite]]
_Sections = dict[tuple[int, str], int]


def _sections(
    taxed: _Taxed, tax: str, counts: Callable[[TaxedSite], bool] = lambda site: True
) -> _Sections:
    """Cents by (site, section) in printed order, where the tax reaches a line."""
    return {
        (index, section): site.reached[tax, section]
        for index, site in taxed
        if counts(site)
        for section in SECTIONS
        if (tax, section) in site.reached
    }


def _line(
    template: TaxTemplate, sections: _Sections, *, amount_cents: int | None = None
) -> TaxLine | None:
    base = sum(sections.values())
    if base <= 0:
        return None
    amount = _cents_of(base, template.rate) if amount_cents is None else amount_cents
    shares = [_cents_of(cents, template.rate) for cents in sections.values()]
    shares[-1] = amount - sum(shares[:-1])
    split = tuple(
        TaxShare(site=site, section=section, amount_cents=share)
        for (site, section), share in zip(sections, shares, strict=True)
    )
    return TaxLine(template=template, base_cents=base, amount_cents=amount, split=split)


def _gross_receipts_line(rates: TaxRates, place: Place, taxed: _Taxed) -> TaxLine | None:
    rate = rates.gross_receipts_rate(place.population)
    if not rate:
        return None
    sections = _sections(
        taxed,
        "gross_receipts",
        lambda site: site.place == place and site.exemption != "public_school_district",
    )
    return _line(gross_receipts_template(rate, place), sections)


def _shares_by_section(lines: Iterable[TaxLine | None]) -> _Sections:
    sums: _Sections = {}
    for line in lines:
        for share in line.split if line else ():
            key = share.site, share.section
            sums[key] = sums.get(key, 0) + share.amount_cents
    return sums


def _with_assessments(sections: _Sections, on_top: _Sections) -> _Sections:
    return {key: cents + on_top.get(key, 0) for key, cents in sections.items()}


def _state_line(rates: TaxRates, taxed: _Taxed, on_top: _Sections) -> TaxLine | None:
    sections = _sections(
        taxed, "sales", lambda site: site.exemption == "none" and not site.residential
    )
    return _line(state_template(rates), _with_assessments(sections, on_top))


def _local_lines(place: Place, taxed: _Taxed, on_top: _Sections) -> list[TaxLine]:
    """The local taxes of one place: rounded together, the last that applies takes the residual."""
    bases: list[tuple[LocalTax, _Sections]] = []
    for tax in place.local_taxes:
        sections = _with_assessments(
            _sections(taxed, "sales", lambda site, tax=tax: _owes(site, place, tax)),  # type: ignore[misc]
            on_top,
        )
        if sum(sections.values()) > 0:
            bases.append((tax, sections))
    exact = [sum(sections.values()) * tax.rate * _DOLLARS for tax, sections in bases]
    amounts = [round_half_up_to_cents(amount) for amount in exact]
    if amounts:
        amounts[-1] = round_half_up_to_cents(sum(exact, Fraction(0))) - sum(amounts[:-1])
    lines = [
        _line(local_template(tax, place), sections, amount_cents=amount)
        for (tax, sections), amount in zip(bases, amounts, strict=True)
    ]
    return [line for line in lines if line is not None]


def _owes(site: TaxedSite, place: Place, tax: LocalTax) -> bool:
    return (
        site.place == place
        and site.exemption == "none"
        and tax.counts_for(residential=site.residential, period_start=site.period_start)
    )


def _cents_of(cents: int, rate: Fraction) -> int:
    return round_half_up_to_cents(cents * rate * _DOLLARS)
