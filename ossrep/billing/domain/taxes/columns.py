"""Taxes of many invoices with one site each, as columns of exact integers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ossrep.billing.domain.taxes.rates import (
    SECTIONS,
    TAXES,
    Place,
    TaxRates,
    TaxTemplate,
    gross_receipts_template,
    local_template,
    puc_template,
    state_template,
)
from ossrep.published.customer import TaxExemption

PUC, GROSS_RECEIPTS, SALES, LOCAL = range(4)
"""Kinds of taxes; the first three are places in ``TAXES``, and a local tax reaches as SALES."""
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TaxBase:
    """What each tax reaches, for n sites at once.

    ``cents`` int64 and ``present`` bool have the shape ``(3, 2, n)``: ``TAXES`` by ``SECTIONS``.
    """

    cents: NDArray[np.int64]
    present: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TaxColumns:
    """K taxes of n sites, in printed order: arrays ``(n, K)``, int64 cents.

    Where ``present`` is false the bill has no such line and the other columns are 0.
    """

    templates: tuple[TaxTemplate, ...]
    base_cents: NDArray[np.int64]
    amount_cents: NDArray[np.int64]
    retailer_cents: NDArray[np.int64]
    delivery_cents: NDArray[np.int64]
    present: NDArray[np.bool_]


def collect_tax_base(
    *,
    size: int,
    lines: Iterable[tuple[str, Iterable[str], NDArray[np.int64], NDArray[np.bool_]]],
) -> TaxBase:
    """Adds up what each tax reaches.

    Each line is (section, names of the taxes that reach it, cents and printed ``(size,)``).
    """
    cents = np.zeros((len(TAXES), len(SECTIONS), size), dtype=np.int64)
    present = np.zeros(cents.shape, dtype=np.bool_)
    for section, taxes, amounts, printed in lines:
        for tax in taxes:
            at = TAXES.index(tax), SECTIONS.index(section)
            cents[at] += np.where(printed, amounts, 0)
            present[at] |= printed
    return TaxBase(cents=cents, present=present)


@dataclass(frozen=True, slots=True)
class SiteTaxes:
    """The taxes that an invoice of one site owes, in printed order; the local ones come last."""

    templates: tuple[TaxTemplate, ...]
    kinds: tuple[int, ...]

    @property
    def rates(self) -> tuple[tuple[int, Fraction], ...]:
        """All that the arithmetic knows: sites alike in it are taxed together."""
        return tuple((k, t.rate) for k, t in zip(self.kinds, self.templates, strict=True))


def site_taxes(
    *,
    rates: TaxRates,
    place: Place,
    residential: bool,
    exemption: TaxExemption,
    period_start: dt.date,
) -> SiteTaxes:
    """Which taxes reach a site of this place, customer and period."""
    found = [(PUC, puc_template(rates))]
    receipts_rate = rates.gross_receipts_rate(place.population)
    if receipts_rate and exemption != "public_school_district":
        found.append((GROSS_RECEIPTS, gross_receipts_template(receipts_rate, place)))
    if exemption == "none":
        if not residential:
            found.append((SALES, state_template(rates)))
        found += [
            (LOCAL, local_template(tax, place))
            for tax in place.local_taxes
            if tax.counts_for(residential=residential, period_start=period_start)
        ]
    kinds, templates = zip(*found, strict=True)
    return SiteTaxes(templates=templates, kinds=kinds)


def tax_single_site(*, taxes: SiteTaxes, base: TaxBase) -> TaxColumns:
    """Taxes of n invoices with one site each, alike in the taxes' rates.

    The templates are those of ``taxes``; for a site of another place they only name it.
    """
    columns = _Columns(base)
    on_top: NDArray[np.int64] = np.zeros((2, base.cents.shape[2]), dtype=np.int64)
    sales = base.present[SALES]
    local = []
    for kind, template in zip(taxes.kinds, taxes.templates, strict=True):
        if kind in (PUC, GROSS_RECEIPTS):
            on_top = on_top + columns.add(template, base.cents[kind], base.present[kind])
        elif kind == SALES:
            columns.add(template, np.where(sales, base.cents[SALES] + on_top, 0), sales)
        else:
            local.append(template)
    if local:
        columns.add_locals(local, np.where(sales, base.cents[SALES] + on_top, 0), sales)
    return columns.result()


class _Columns:
    """Collects tax after tax of n sites; shares are ``(2, n)``."""

    def __init__(self, base: TaxBase) -> None:
        self._size = base.cents.shape[2]
        self._templates: list[TaxTemplate] = []
        self._columns: list[tuple[NDArray[np.int64], ...]] = []

    def add(
        self,
        template: TaxTemplate,
        base: NDArray[np.int64],
        present: NDArray[np.bool_],
        *,
        together: Fraction | None = None,
        others: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """Adds one tax and returns its shares.

        ``together`` is the joint rate of local taxes, of which ``others`` have taken their part.
        """
        whole = base.sum(axis=0)
        printed = present.any(axis=0) & (whole > 0)
        amount = _share_of(whole, together or template.rate)
        if others is not None:
            amount = amount - others
        amount = np.where(printed, amount, 0)
        first = np.where(printed & present[0], _share_of(base[0], template.rate), 0)
        retailer = np.where(present[1], first, amount)
        shares = np.stack([retailer, amount - retailer])
        self._templates.append(template)
        self._columns.append((np.where(printed, whole, 0), amount, shares[0], shares[1], printed))
        return shares

    def add_locals(
        self,
        templates: Sequence[TaxTemplate],
        base: NDArray[np.int64],
        present: NDArray[np.bool_],
    ) -> None:
        """Adds the local taxes: rounded together, the last takes the residual."""
        others = np.zeros(self._size, dtype=np.int64)
        for template in templates[:-1]:
            others += self.add(template, base, present).sum(axis=0)
        together = sum((template.rate for template in templates), Fraction(0))
        self.add(templates[-1], base, present, together=together, others=others)

    def result(self) -> TaxColumns:
        base, amount, retailer, delivery, present = (
            np.stack(column, axis=1) for column in zip(*self._columns, strict=True)
        )
        return TaxColumns(
            templates=tuple(self._templates),
            base_cents=base,
            amount_cents=amount,
            retailer_cents=retailer,
            delivery_cents=delivery,
            present=present.astype(np.bool_),
        )


def _share_of(cents: NDArray[np.int64], rate: Fraction) -> NDArray[np.int64]:
    """``cents x rate`` half-up, ties away from zero; in Python's integers where int64 is small."""
    top, bottom = rate.numerator, rate.denominator
    largest = int(np.abs(cents).max(initial=0))
    magnitude = np.abs(cents)
    if 2 * largest * top + bottom > _INT64_MAX or 2 * bottom > _INT64_MAX:
        magnitude = magnitude.astype(object)
    rounded = (2 * magnitude * top + bottom) // (2 * bottom)
    return np.asarray(np.sign(cents) * rounded, dtype=np.int64)
