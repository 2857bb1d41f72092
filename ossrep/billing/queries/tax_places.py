"""Places with their taxes, and the rates of the state's law, as values for the arithmetic."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from fractions import Fraction

from django.db.models import Q

from ossrep.billing.domain.taxes import GrossReceiptsTier, LocalTax, Place, TaxRates
from ossrep.billing.models import LawRate, LawRateKind, LocalTaxRate, TaxPlace
from ossrep.kernel.errors import DomainError


class NoLawRate(DomainError):
    """A rate that the law sets is not there for a day."""

    code = "no_law_rate"


def get_tax_places(*, codes: Collection[str]) -> Mapping[str, Place]:
    """Places by code with all their dated local taxes, in printed order; two queries.

    Unknown codes are left out.
    """
    rates: dict[int, list[LocalTax]] = defaultdict(list)
    rows = LocalTaxRate.objects.filter(tax__place__code__in=codes).select_related("tax")
    for row in rows.order_by("tax__place_id", "tax__position", "tax_id", "from_date"):
        rates[row.tax.place_id].append(
            LocalTax(
                code=row.tax.code,
                label=row.label,
                rate=Fraction(row.rate),
                residential=row.residential,
                from_date=row.from_date,
                to_date=row.to_date,
            )
        )
    return {
        place.code: Place(
            code=place.code,
            name=place.name,
            population=place.population,
            local_taxes=tuple(rates[place.pk]),
        )
        for place in TaxPlace.objects.filter(code__in=codes)
    }


def get_tax_rates(*, on: dt.date) -> TaxRates:
    """The law's rates in force on a date. Raises NoLawRate where one is missing."""
    in_force = Q(from_date__lte=on) & (Q(to_date__isnull=True) | Q(to_date__gt=on))
    rows = list(LawRate.objects.filter(in_force))
    return TaxRates(
        puc=_only(rows, LawRateKind.PUC, on),
        state_sales=_only(rows, LawRateKind.STATE_SALES, on),
        gross_receipts=tuple(
            GrossReceiptsTier(above_population=row.above_population, rate=_fraction(row))
            for row in rows
            if row.kind == LawRateKind.GROSS_RECEIPTS
        ),
    )


def _only(rows: Collection[LawRate], kind: LawRateKind, on: dt.date) -> Fraction:
    found = [row for row in rows if row.kind == kind]
    if len(found) != 1:
        raise NoLawRate(f"no rate is in force on {on}: import it", where=f"{kind.label}")
    return _fraction(found[0])


def _fraction(row: LawRate) -> Fraction:
    return Fraction(row.numerator, row.denominator)
