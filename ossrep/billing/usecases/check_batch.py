"""Step 5 of a chunk: guards before release. A bill that a guard stops becomes a work item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ossrep.billing.domain.guards import GUARDS, SCALE, BillColumns, Guard, Thresholds
from ossrep.billing.models import GuardThreshold, UsageSource
from ossrep.billing.queries import account_history
from ossrep.billing.usecases.batch import Int64, LoadedBatch, Problem, RatedSites, Site
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.tax_batch import BatchTaxes
from ossrep.kernel.money import dollars
from ossrep.rating import Plan, UsageCredit, UsageFee

FROM_INTERVALS = int(UsageSource.INTERVALS)


@dataclass(frozen=True, slots=True)
class ItemTotals:
    """Sums of each item, arrays over ``LoadedBatch.items``: cents and Wh."""

    retailer_cents: Int64
    delivery_cents: Int64
    tax_cents: Int64
    recurring_cents: Int64
    import_wh: Int64
    export_wh: Int64

    @property
    def current_cents(self) -> Int64:
        """Charges and taxes."""
        return self.retailer_cents + self.delivery_cents + self.tax_cents


def sum_items(*, batch: LoadedBatch, rated: RatedSites, taxes: BatchTaxes) -> ItemTotals:
    """Adds up sites and taxes by item."""
    size = len(batch.items)
    item_of = np.array([site.item for site in batch.sites], dtype=np.int64)

    def by_item(values: Int64, items: Int64 = item_of) -> Int64:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, items, values)
        return sums

    return ItemTotals(
        retailer_cents=by_item(rated.retailer_cents),
        delivery_cents=by_item(rated.delivery_cents),
        tax_cents=by_item(taxes.amount_cents, taxes.item),
        recurring_cents=by_item(rated.recurring_cents),
        import_wh=by_item(rated.import_wh),
        export_wh=by_item(rated.export_wh),
    )


def load_thresholds() -> Thresholds:
    """The limits in force."""
    rows = GuardThreshold.objects.filter(is_enabled=True)
    return Thresholds({(row.code, row.customer_class): int(row.value * SCALE) for row in rows})


def check_batch(
    *,
    batch: LoadedBatch,
    rated: RatedSites,
    totals: ItemTotals,
    thresholds: Thresholds,
    catalog: Catalog,
) -> None:
    """Adds a problem to every item that a guard stops, unless a person released it."""
    numbers = [n for n in range(len(batch.items)) if n not in batch.problems]
    if not numbers:
        return
    columns = _columns(batch, rated, totals, numbers, catalog)
    account_ids = [batch.items[n].account_id for n in numbers]
    released = account_history.list_released(account_ids=account_ids)
    for guard in GUARDS:
        limits = thresholds.column(guard.code, columns.classes)
        if limits is None:
            continue
        for place in np.flatnonzero(guard.applies(columns, limits)).tolist():
            item = batch.items[numbers[place]]
            key = (item.account_id, item.period_start, item.period_end, guard.code)
            if key not in released:
                limit = int(limits[place])
                batch.hold(numbers[place], _stopped(guard, columns, place, limit))


def _stopped(guard: Guard, columns: BillColumns, place: int, limit: int) -> Problem:
    words = {
        "total": dollars(int(columns.total_cents[place])),
        "limit": f"{(Decimal(limit) / SCALE).normalize():f}",
        "kwh": Decimal(int(columns.import_wh[place])) / 1000,
        "days": int(columns.days[place]),
    }
    details = {name: str(value) for name, value in words.items()}
    return Problem(guard.code, guard.message.format(**words), releasable=True, details=details)


def _columns(
    batch: LoadedBatch,
    rated: RatedSites,
    totals: ItemTotals,
    numbers: list[int],
    catalog: Catalog,
) -> BillColumns:
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, site in enumerate(batch.sites):
        rows_of[site.item].append(row)
    chosen = np.array(numbers, dtype=np.int64)
    sites = [[batch.sites[row] for row in rows_of[n]] for n in numbers]
    days = [max([(s.due.end - s.due.start).days for s in own]) for own in sites]
    return BillColumns(
        classes=[own[0].account.customer_class for own in sites],
        total_cents=totals.current_cents[chosen],
        import_wh=totals.import_wh[chosen],
        days=np.array(days, dtype=np.int64),
        usual_wh_per_day=np.array([_usual_wh_per_day(own) for own in sites], dtype=np.int64),
        register_wh=_by_item(_known_registers(batch), rows_of, numbers),
        cliff_distance_wh=_by_item(_cliff_distances(batch, rated, catalog), rows_of, numbers, min),
        is_first=np.array([any(s.is_first for s in own) for own in sites], dtype=np.bool_),
        is_final=np.array([any(s.is_final for s in own) for own in sites], dtype=np.bool_),
    )


def _usual_wh_per_day(sites: list[Site]) -> int:
    """Mean of the earlier periods of all the item's service points; -1 with any unknown."""
    usual = 0
    for site in sites:
        periods = site.history.periods
        if not periods:
            return -1
        days = sum([(period.end - period.start).days for period in periods])
        usual += sum([period.import_wh for period in periods]) // days
    return usual


def _by_item(
    known: Mapping[int, int],
    rows_of: Mapping[int, list[int]],
    numbers: list[int],
    join: Callable[[list[int]], int] = sum,
) -> Int64:
    """Joins what is known of an item's rows; -1 where not all (for a sum) or none is."""
    column = np.full(len(numbers), -1, dtype=np.int64)
    if known:
        for place, n in enumerate(numbers):
            values = [known[row] for row in rows_of[n] if row in known]
            if len(values) == len(rows_of[n]) or (values and join is not sum):
                column[place] = join(values)
    return column


def _known_registers(batch: LoadedBatch) -> dict[int, int]:
    registers = batch.usage.register_import_wh
    return {row: int(registers[row]) for row in np.flatnonzero(registers >= 0).tolist()}


def _cliff_distances(batch: LoadedBatch, rated: RatedSites, catalog: Catalog) -> dict[int, int]:
    """By row: from estimated usage to the nearest threshold of its plan's credits and fees."""
    estimated = (batch.usage.estimated_intervals > 0) & (rated.source == FROM_INTERVALS)
    found = {}
    for row in np.flatnonzero(estimated).tolist():
        edges = _band_edges_wh(catalog.plan(batch.sites[row].contract.plan_version_id))
        if edges:
            found[row] = min(abs(int(rated.import_wh[row]) - edge) for edge in edges)
    return found


def _band_edges_wh(plan: Plan) -> list[int]:
    bands = [c.band for c in plan.components if isinstance(c, UsageCredit | UsageFee)]
    edges = [kwh for band in bands for kwh in (band.from_kwh, band.to_kwh) if kwh]
    return [int(kwh * 1000) for kwh in edges]
