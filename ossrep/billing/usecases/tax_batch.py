"""Taxes of a batch: invoices of one site in columns, those of several one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ossrep.billing.domain.taxes import (
    SECTIONS,
    TAXES,
    Place,
    SiteTaxes,
    TaxBase,
    TaxColumns,
    TaxedSite,
    TaxLine,
    TaxRates,
    TaxTemplate,
    site_taxes,
    tax_invoice,
    tax_single_site,
)
from ossrep.billing.usecases.batch import Int64, LoadedBatch, Problem, RatedSites, Site

TAX_LINES_MAX = 64


@dataclass(frozen=True, slots=True)
class BatchTaxes:
    """All tax lines of a batch as columns by item and printed order; cents.

    ``splits`` has, by position, the shares of invoices with several sites.
    """

    templates: tuple[TaxTemplate, ...]
    item: Int64
    template: Int64
    base_cents: Int64
    amount_cents: Int64
    retailer_cents: Int64
    delivery_cents: Int64
    splits: Mapping[int, Sequence[tuple[int, str, int]]]


def tax_batch(
    *, batch: LoadedBatch, rated: RatedSites, places: Mapping[str, Place], rates: TaxRates
) -> BatchTaxes:
    """Taxes of every item without a problem; a place that is not known holds its item."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, site in enumerate(batch.sites):
        if site.contract.tax_place not in places:
            batch.hold(site.item, _unknown_place(site))
        rows_of[site.item].append(row)
    lines = _Lines()
    single: list[int] = []
    for item, rows in rows_of.items():
        if item in batch.problems:
            continue
        if len(rows) == 1:
            single += rows
        else:
            ordered = sorted(rows, key=lambda row: batch.sites[row].site_no)
            sites = [_taxed(batch.sites[row], row, rated, places) for row in ordered]
            lines.add_invoice(item, tax_invoice(rates=rates, sites=sites))
    for group in _alike(batch.sites, single, places, rates):
        rows_array = np.array(group.rows, dtype=np.int64)
        base = TaxBase(
            cents=rated.tax_base_cents[:, :, rows_array],
            present=rated.tax_base_present[:, :, rows_array],
        )
        items = np.array([batch.sites[row].item for row in group.rows], dtype=np.int64)
        columns = tax_single_site(taxes=group.taxes[0], base=base)
        lines.add_columns(items, columns, [t.templates for t in group.taxes], group.which)
    return lines.result()


@dataclass(slots=True)
class _Alike:
    """Rows whose taxes have the same rates; ``which`` of the taxes are each row's own."""

    rows: list[int] = field(default_factory=list)
    which: list[int] = field(default_factory=list)
    taxes: list[SiteTaxes] = field(default_factory=list)


def _alike(
    sites: Sequence[Site], rows: Sequence[int], places: Mapping[str, Place], rates: TaxRates
) -> Iterable[_Alike]:
    """Places differ in name and few in rates: all that are alike are taxed as one block."""
    known: dict[tuple[object, ...], tuple[_Alike, int]] = {}
    groups: dict[object, _Alike] = {}
    for row in rows:
        site = sites[row]
        contract, start = site.contract, site.due.start
        residential = site.account.customer_class == "residential"
        key = (contract.tax_place, residential, contract.exemption, start)
        if key not in known:
            taxes = site_taxes(
                rates=rates,
                place=places[contract.tax_place],
                residential=residential,
                exemption=contract.exemption,
                period_start=start,
            )
            group = groups.setdefault(taxes.rates, _Alike())
            known[key] = group, len(group.taxes)
            group.taxes.append(taxes)
        group, which = known[key]
        group.rows.append(row)
        group.which.append(which)
    return groups.values()


def _unknown_place(site: Site) -> Problem:
    return Problem(
        "unknown_tax_place",
        f"no taxes are known for place {site.contract.tax_place!r}: import the place's taxes",
        contract_id=site.contract.contract_id,
        esi_id=site.contract.esi_id,
    )


def _taxed(site: Site, row: int, rated: RatedSites, places: Mapping[str, Place]) -> TaxedSite:
    reached = {
        (tax, section): int(rated.tax_base_cents[t, s, row])
        for t, tax in enumerate(TAXES)
        for s, section in enumerate(SECTIONS)
        if rated.tax_base_present[t, s, row]
    }
    return TaxedSite(
        place=places[site.contract.tax_place],
        residential=site.account.customer_class == "residential",
        exemption=site.contract.exemption,
        period_start=site.due.start,
        reached=reached,
    )


class _Lines:
    """Collects tax lines; ``result`` puts them in order of item and printing."""

    def __init__(self) -> None:
        self._templates: dict[TaxTemplate, int] = {}
        self._columns: list[tuple[Int64, ...]] = []
        self._splits: dict[tuple[int, int], list[tuple[int, str, int]]] = {}

    def add_columns(
        self,
        items: Int64,
        taxes: TaxColumns,
        templates: Sequence[Sequence[TaxTemplate]],
        which: Sequence[int],
    ) -> None:
        """The taxes of invoices with one site each; ``which`` templates each row has."""
        row, column = np.nonzero(taxes.present)
        known = [[self._number(template) for template in own] for own in templates]
        numbers = np.array(known, dtype=np.int64)[np.array(which, dtype=np.int64)]
        self._columns.append(
            (
                items[row],
                column,
                numbers[row, column],
                taxes.base_cents[row, column],
                taxes.amount_cents[row, column],
                taxes.retailer_cents[row, column],
                taxes.delivery_cents[row, column],
            )
        )

    def add_invoice(self, item: int, taxes: Sequence[TaxLine]) -> None:
        """The taxes of one invoice with several sites."""
        if not taxes:
            return
        rows = []
        for column, tax in enumerate(taxes):
            parts = dict.fromkeys(SECTIONS, 0)
            for share in tax.split:
                parts[share.section] += share.amount_cents
            number = self._number(tax.template)
            rows.append((item, column, number, tax.base_cents, tax.amount_cents, *parts.values()))
            self._splits[item, column] = [(s.site, s.section, s.amount_cents) for s in tax.split]
        table = np.array(rows, dtype=np.int64).reshape(len(rows), 7)
        self._columns.append(tuple(table[:, c] for c in range(7)))

    def _number(self, template: TaxTemplate) -> int:
        return self._templates.setdefault(template, len(self._templates))

    def result(self) -> BatchTaxes:
        """Everything added, sorted."""
        if not self._columns:
            empty = np.zeros(0, dtype=np.int64)
            return BatchTaxes((), empty, empty, empty, empty, empty, empty, {})
        item, column, template, *amounts = (
            np.concatenate(parts) for parts in zip(*self._columns, strict=True)
        )
        order = np.lexsort((column, item))
        item, column = item[order], column[order]
        splits = {}
        if self._splits:
            for place, key in enumerate(zip(item.tolist(), column.tolist(), strict=True)):
                if key in self._splits:
                    splits[place] = self._splits[key]
        base, amount, retailer, delivery = (part[order] for part in amounts)
        return BatchTaxes(
            tuple(self._templates), item, template[order], base, amount, retailer, delivery, splits
        )
