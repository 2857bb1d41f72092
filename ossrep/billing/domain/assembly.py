"""From rated lines to a whole bill: lines in printed order, taxes, totals, average price.

The bill run and the quote share what is here, so that a quoted bill is the bill.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ossrep.billing.domain.taxes import (
    SECTIONS,
    TAXES,
    Place,
    TaxedSite,
    TaxLine,
    TaxRates,
    tax_invoice,
)
from ossrep.published.customer import TaxExemption
from ossrep.rating import (
    NO_AVERAGE_PRICE,
    RatedBlock,
    average_price_tenth_cents,
    line_recipe,
    printed_price,
    printed_quantity,
)


@dataclass(frozen=True, slots=True)
class SiteTax:
    """What decides a site's taxes beside its lines."""

    place: Place
    residential: bool
    exemption: TaxExemption


@dataclass(frozen=True, slots=True)
class RatedSite:
    """One site of a bill: its row of a rated block; ``tax`` None owes no tax at all."""

    block: RatedBlock
    row: int
    period_start: dt.date
    tax: SiteTax | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One printed line; the recipe explains it and can be checked by hand."""

    site: int
    section: str
    kind: str
    component: str
    bucket: str | None
    label: str
    quantity: Fraction
    unit: str
    unit_price_usd: Decimal | None
    amount_cents: int
    recurring: bool
    energy: bool
    taxes: tuple[str, ...]
    recipe: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillBank:
    """The credit bank of one site: ``in + earned = applied + used + out + lost``."""

    in_cents: int
    earned_cents: int
    applied_cents: int
    used_cents: int
    out_cents: int
    lost_cents: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines site by site, banks by site, taxes of the whole, and the Wh of all sites.

    ``average_price_tenth_cents`` is per kWh, None where nothing was imported.
    """

    lines: tuple[BillLine, ...]
    banks: tuple[BillBank, ...]
    taxes: tuple[TaxLine, ...]
    import_wh: int
    export_wh: int
    average_price_tenth_cents: int | None

    @property
    def subtotal_cents(self) -> int:
        """Sum of the rounded lines."""
        return sum(line.amount_cents for line in self.lines)

    @property
    def tax_cents(self) -> int:
        """Sum of the rounded taxes."""
        return sum(tax.amount_cents for tax in self.taxes)

    @property
    def total_cents(self) -> int:
        """What the bill asks for."""
        return self.subtotal_cents + self.tax_cents


def assemble_bill(*, sites: Sequence[RatedSite], rates: TaxRates) -> Bill:
    """The bill of one or several rated sites; none of them may be a refused row."""
    lines = tuple(
        line for number, site in enumerate(sites) for line in _lines(number, site.block, site.row)
    )
    taxed = [_taxed(number, site, lines) for number, site in enumerate(sites)]
    import_wh = sum(int(site.block.import_wh[site.row]) for site in sites)
    recurring = sum(line.amount_cents for line in lines if line.recurring)
    return Bill(
        lines=lines,
        banks=tuple(_bank(site.block, site.row) for site in sites),
        taxes=tax_invoice(rates=rates, sites=taxed),
        import_wh=import_wh,
        export_wh=sum(int(site.block.export_wh[site.row]) for site in sites),
        average_price_tenth_cents=average_tenth_cents(recurring=recurring, import_wh=import_wh),
    )


def average_tenth_cents(*, recurring: int, import_wh: int) -> int | None:
    """The average price of one bill in tenths of a cent per kWh; None at 0 kWh."""
    column = average_price_tenth_cents(
        recurring_cents=np.array([recurring], dtype=np.int64),
        import_wh=np.array([import_wh], dtype=np.int64),
    )
    price = int(column[0])
    return None if price == NO_AVERAGE_PRICE else price


def printed_order(block: RatedBlock) -> list[int]:
    """The lines of a block as a bill prints them: the retailer's section, then delivery.

    Within a section they keep the order of the plan's components.
    """
    return sorted(
        range(len(block.templates)), key=lambda n: SECTIONS.index(block.templates[n].section)
    )


def _lines(site: int, block: RatedBlock, row: int) -> Iterator[BillLine]:
    for number in printed_order(block):
        if block.present[row, number]:
            template = block.templates[number]
            yield BillLine(
                site=site,
                section=str(template.section),
                kind=template.kind,
                component=template.component,
                bucket=template.bucket,
                label=template.label,
                quantity=printed_quantity(block, row, number),
                unit=str(template.unit),
                unit_price_usd=printed_price(block, number),
                amount_cents=int(block.amount_cents[row, number]),
                recurring=template.recurring,
                energy=template.energy,
                taxes=tuple(tax for tax in TAXES if tax in template.taxes),
                recipe=line_recipe(block, row, number),
            )


def _taxed(number: int, site: RatedSite, lines: Sequence[BillLine]) -> TaxedSite | None:
    if site.tax is None:
        return None
    reached: dict[tuple[str, str], int] = {}
    for line in lines:
        for tax in line.taxes if line.site == number else ():
            key = tax, line.section
            reached[key] = reached.get(key, 0) + line.amount_cents
    return TaxedSite(
        place=site.tax.place,
        residential=site.tax.residential,
        exemption=site.tax.exemption,
        period_start=site.period_start,
        reached=reached,
    )


def _bank(block: RatedBlock, row: int) -> BillBank:
    bank = block.bank
    return BillBank(
        in_cents=int(bank.in_cents[row]),
        earned_cents=int(bank.earned_cents[row]),
        applied_cents=int(bank.applied_cents[row]),
        used_cents=int(bank.used_cents[row]),
        out_cents=int(bank.out_cents[row]),
        lost_cents=int(bank.lost_cents[row]),
    )
