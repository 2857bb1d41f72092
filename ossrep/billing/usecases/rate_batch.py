"""Step 4 of a chunk: rates blocks of like sites, and gathers their lines in printed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from ossrep.billing.domain.taxes import collect_tax_base
from ossrep.billing.models import UsageSource
from ossrep.billing.usecases.batch import (
    Int64,
    LoadedBatch,
    Problem,
    RatedLines,
    RatedSites,
    Site,
)
from ossrep.billing.usecases.catalog import Catalog, RatingKey
from ossrep.kernel.errors import DomainError
from ossrep.kernel.money import cents
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import (
    CompiledPlan,
    DeliveryCharge,
    LineTemplate,
    RatedBlock,
    Section,
    SiteFacts,
    UsageBlock,
    rate_block,
    with_received_delivery,
)
from ossrep.rating.explain import ProductDetail

INTERVALS_MISSING = "intervals_missing"


@dataclass(slots=True)
class _Gathered:
    """Lines of all blocks, block by block."""

    templates: list[LineTemplate] = field(default_factory=list)
    columns: list[tuple[Int64, Int64, Int64, Int64]] = field(default_factory=list)
    recipes: list[tuple[int, int, Mapping[str, Any]]] = field(default_factory=list)


def rate_batch(*, batch: LoadedBatch, catalog: Catalog) -> tuple[RatedLines, RatedSites]:
    """Lines and per-site results of all sites that can be rated; the others' items get a problem.

    A plan or tariff that cannot be used holds its own sites only.
    """
    rated = RatedSites.zeros(len(batch.sites))
    gathered = _Gathered()
    for rows, key in _groups(batch.sites):
        try:
            compiled = catalog.compiled(key)
            prices = catalog.prices(compiled)
        except DomainError as error:
            for row in rows:
                _refuse(batch, row, error.code, str(error))
            continue
        for block_rows, usage, source in _blocks(batch, rows, compiled):
            block = rate_block(
                compiled=compiled,
                usage=usage,
                facts=_facts_of(batch.facts, block_rows),
                prices=prices,
            )
            block = _with_received(batch, block_rows, compiled, block)
            for row, refusal in block.refusals.items():
                _refuse(batch, int(block_rows[row]), refusal.code, refusal.message)
            rated.source[block_rows] = source
            _scatter(rated, block_rows, block)
            _gather(gathered, block_rows, block)
    return _in_printed_order(batch.sites, gathered), rated


def _groups(sites: Sequence[Site]) -> Iterator[tuple[Int64, RatingKey]]:
    first = 0
    for _, members in groupby(sites, key=_likeness):
        count = sum(1 for _ in members)
        yield np.arange(first, first + count, dtype=np.int64), _key(sites[first])
        first += count


def _likeness(site: Site) -> tuple[object, ...]:
    contract, due = site.contract, site.due
    return (
        contract.plan_version_id,
        contract.tdsp_code,
        contract.rate_class,
        due.start,
        due.end,
        site.received is None,
    )


def _key(site: Site) -> RatingKey:
    contract = site.contract
    return RatingKey(
        plan_version_id=contract.plan_version_id,
        tdsp_code=contract.tdsp_code,
        rate_class=contract.rate_class,
        start=site.due.start,
        end=site.due.end,
        is_received=site.received is not None,
    )


def _refuse(batch: LoadedBatch, row: int, code: str, message: str) -> None:
    site = batch.sites[row]
    batch.hold(
        site.item,
        Problem(
            code,
            message,
            contract_id=site.contract.contract_id,
            esi_id=site.contract.esi_id,
        ),
    )


def _blocks(
    batch: LoadedBatch, rows: Int64, compiled: CompiledPlan
) -> Iterator[tuple[Int64, UsageBlock, int]]:
    """Rows with all intervals as one block, rows that have only the register as another."""
    usage = batch.usage
    missing = usage.missing_intervals[rows] > 0
    has_register = usage.register_import_wh[rows] >= 0
    for row in rows[missing & ~has_register]:
        count = int(usage.missing_intervals[row])
        _refuse(
            batch,
            int(row),
            INTERVALS_MISSING,
            f"{count} quarter hours of {compiled.period} are missing and no register usage "
            "covers it: import or estimate them (`meter gaps`)",
        )
    with_register = rows[missing & has_register]
    if with_register.size:
        yield with_register, _registers(batch, with_register, compiled.period), UsageSource.REGISTER
    complete = rows[~missing]
    if complete.size:
        yield complete, _intervals(batch, complete, compiled.period), UsageSource.INTERVALS


def _intervals(batch: LoadedBatch, rows: Int64, period: DatePeriod) -> UsageBlock:
    """Rows that stand together are a view of the columns, without a copy."""
    offsets = batch.usage.offsets
    width = int(offsets[rows[0] + 1] - offsets[rows[0]])
    has_export = bool(batch.usage.has_export[rows].any())
    if rows[-1] - rows[0] + 1 == rows.size:
        span = slice(int(offsets[rows[0]]), int(offsets[rows[-1] + 1]))
        imports = batch.usage.import_wh[span].reshape(rows.size, width)
        exports = batch.usage.export_wh[span].reshape(rows.size, width) if has_export else None
    else:
        places = offsets[rows][:, None] + np.arange(width)
        imports = batch.usage.import_wh[places]
        exports = batch.usage.export_wh[places] if has_export else None
    return UsageBlock(period=period, import_wh=imports, export_wh=exports)


def _registers(batch: LoadedBatch, rows: Int64, period: DatePeriod) -> UsageBlock:
    usage = batch.usage
    return UsageBlock(
        period=period,
        register_import_wh=usage.register_import_wh[rows],
        register_export_wh=np.maximum(usage.register_export_wh[rows], 0),
        register_peak_w=usage.register_peak_w[rows],
    )


def _facts_of(facts: SiteFacts, rows: Int64) -> SiteFacts:
    return SiteFacts(
        prior_peak_w=facts.prior_peak_w[rows],
        bank_in_cents=facts.bank_in_cents[rows],
        first_bill=facts.first_bill[rows],
        final_bill=facts.final_bill[rows],
    )


def _with_received(
    batch: LoadedBatch, rows: Int64, compiled: CompiledPlan, block: RatedBlock
) -> RatedBlock:
    received = [batch.sites[row].received for row in rows.tolist()]
    if received[0] is None:
        return block
    charges = [
        [
            DeliveryCharge(code=c.code, label=c.label, amount_cents=cents(c.amount_usd))
            for c in site_charges or ()
        ]
        for site_charges in received
    ]
    return with_received_delivery(compiled=compiled, block=block, charges=charges)


def _scatter(rated: RatedSites, rows: Int64, block: RatedBlock) -> None:
    sections = np.array([t.section is Section.DELIVERY for t in block.templates], dtype=np.bool_)
    rated.import_wh[rows] = block.import_wh
    rated.export_wh[rows] = block.export_wh
    rated.peak_w[rows] = block.peak_w
    rated.retailer_cents[rows] = block.amount_cents[:, ~sections].sum(axis=1)
    rated.delivery_cents[rows] = block.amount_cents[:, sections].sum(axis=1)
    rated.recurring_cents[rows] = block.recurring_cents()
    bank = block.bank
    rated.bank_in[rows] = bank.in_cents
    rated.bank_earned[rows] = bank.earned_cents
    rated.bank_applied[rows] = bank.applied_cents
    rated.bank_used[rows] = bank.used_cents
    rated.bank_out[rows] = bank.out_cents
    rated.bank_lost[rows] = bank.lost_cents
    base = collect_tax_base(
        size=block.rows,
        lines=(
            (t.section, t.taxes, block.amount_cents[:, line], block.present[:, line])
            for line, t in enumerate(block.templates)
        ),
    )
    rated.tax_base_cents[:, :, rows] = base.cents
    rated.tax_base_present[:, :, rows] = base.present


def _gather(gathered: _Gathered, rows: Int64, block: RatedBlock) -> None:
    block_row, line = np.nonzero(block.present)
    first = len(gathered.templates)
    gathered.templates.extend(block.templates)
    gathered.columns.append(
        (
            rows[block_row],
            first + line,
            block.quantity[block_row, line],
            block.amount_cents[block_row, line],
        )
    )
    for number, (template, detail) in enumerate(zip(block.templates, block.details, strict=True)):
        if template.unit_price_e8 is not None and isinstance(detail, ProductDetail):
            continue
        for row in np.flatnonzero(block.present[:, number]).tolist():
            gathered.recipes.append((int(rows[row]), first + number, detail.explain(row)))


def _in_printed_order(sites: Sequence[Site], gathered: _Gathered) -> RatedLines:
    """By item, then site, then the plan's own order."""
    item_of = np.array([site.item for site in sites], dtype=np.int64)
    number_of = np.array([site.site_no for site in sites], dtype=np.int64)
    if not gathered.columns:
        empty = np.zeros(0, dtype=np.int64)
        return RatedLines((), empty, empty, empty, empty, empty, {})
    site, template, quantity, amount = (
        np.concatenate(column) for column in zip(*gathered.columns, strict=True)
    )
    order = np.lexsort((template, number_of[site], item_of[site]))
    site, template = site[order], template[order]
    place: dict[tuple[int, int], int] = {}
    if gathered.recipes:
        pairs = zip(site.tolist(), template.tolist(), strict=True)
        place = {pair: position for position, pair in enumerate(pairs)}
    return RatedLines(
        templates=tuple(gathered.templates),
        item=item_of[site],
        site=site,
        template=template,
        quantity=quantity[order],
        cents=amount[order],
        recipes={place[s, t]: recipe for s, t, recipe in gathered.recipes},
    )
