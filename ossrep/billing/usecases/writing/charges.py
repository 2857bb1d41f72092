"""Charges: one row for each contract billed, with usage, bank and what later bills need."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ossrep.billing.domain.copy_format import Kind, date_days
from ossrep.billing.models import ChargeKind, DeliverySource, UsageSource
from ossrep.billing.usecases.batch import Int64, Site
from ossrep.billing.usecases.catalog import Catalog
from ossrep.billing.usecases.registers import Registers
from ossrep.billing.usecases.snapshots import plan_part
from ossrep.billing.usecases.writing.billed import BilledBatch, Fixed, copy_rows, int_column
from ossrep.kernel.market_time import interval_counts

DIGEST_BYTES = 8
# Looked up once: reading a member of an Enum is slow in a loop.
FROM_INTERVALS = int(UsageSource.INTERVALS)
NO_DELIVERY, BY_TARIFF, AS_RECEIVED = map(
    int, (DeliverySource.NONE, DeliverySource.TARIFF, DeliverySource.TDSP_INVOICE)
)


def write_charges(billed: BilledBatch, registers: Registers, catalog: Catalog) -> None:
    """One charge for each site of the chosen items."""
    sites = billed.batch.sites
    rows = [row for row, site in enumerate(sites) if billed.is_chosen[site.item]]
    usage = _usage_bytes(billed, rows)
    copy_rows(
        "charge",
        {
            **_whose([sites[row] for row in rows], billed, registers, catalog),
            **_how_much(billed, int_column(rows)),
        },
        {
            "esi_id": [sites[row].contract.esi_id.encode() for row in rows],
            "daily_import_wh": usage.imports,
            "daily_export_wh": usage.exports,
            "usage_digest": usage.digests,
        },
    )


def _whose(
    sites: Sequence[Site], billed: BilledBatch, registers: Registers, catalog: Catalog
) -> Fixed:
    parts = _printed_parts(sites, registers, catalog)
    sources = [_delivery_source(site, catalog) for site in sites]
    return {
        "invoice_id": (Kind.INT8, billed.ids[int_column([site.item for site in sites])]),
        "site_no": (Kind.INT2, int_column([site.site_no for site in sites])),
        "account_id": (Kind.INT8, int_column([site.account.account_id for site in sites])),
        "contract_id": (Kind.INT8, int_column([site.contract.contract_id for site in sites])),
        "kind": (Kind.INT2, np.full(len(sites), ChargeKind.USAGE)),
        "period_start": (Kind.DATE, int_column([date_days(site.due.start) for site in sites])),
        "period_end": (Kind.DATE, int_column([date_days(site.due.end) for site in sites])),
        "plan_version_id": (Kind.INT8, int_column([s.contract.plan_version_id for s in sites])),
        "delivery_source": (Kind.INT2, int_column(sources)),
        "printed_part_id": (Kind.INT8, int_column(parts)),
    }


def _how_much(billed: BilledBatch, rows: Int64) -> Fixed:
    rated = billed.rated
    cents = {
        "bank_in_usd": rated.bank_in,
        "bank_earned_usd": rated.bank_earned,
        "bank_applied_usd": rated.bank_applied,
        "bank_used_usd": rated.bank_used,
        "bank_out_usd": rated.bank_out,
        "bank_lost_usd": rated.bank_lost,
        "amount_usd": rated.retailer_cents + rated.delivery_cents,
    }
    return {
        "usage_source": (Kind.INT2, rated.source[rows]),
        "import_wh": (Kind.INT8, rated.import_wh[rows]),
        "export_wh": (Kind.INT8, rated.export_wh[rows]),
        "peak_w": (Kind.INT8, rated.peak_w[rows]),
        "estimated_intervals": (Kind.INT4, billed.batch.usage.estimated_intervals[rows]),
        **{name: (Kind.CENTS, values[rows]) for name, values in cents.items()},
    }


def _printed_parts(sites: Sequence[Site], registers: Registers, catalog: Catalog) -> list[int]:
    """Plan and TDSP as printed; made once for all sites that share them."""
    known: dict[tuple[object, ...], int] = {}
    ids = []
    for site in sites:
        contract = site.contract
        brand_id = site.account.brand_id
        key = (contract.plan_version_id, contract.tdsp_code, contract.rate_class, brand_id)
        if key not in known:
            known[key] = registers.printed_part("plan", plan_part(site, catalog))
        ids.append(known[key])
    return ids


def _delivery_source(site: Site, catalog: Catalog) -> int:
    if not catalog.passes_delivery_through(site.contract.plan_version_id):
        return NO_DELIVERY
    return BY_TARIFF if site.received is None else AS_RECEIVED


@dataclass(frozen=True, slots=True)
class _UsageBytes:
    """Daily Wh of each channel and a digest of the intervals; empty where registers were billed."""

    imports: list[bytes]
    exports: list[bytes]
    digests: list[bytes]


def _usage_bytes(billed: BilledBatch, rows: Sequence[int]) -> _UsageBytes:
    usage, sites = billed.batch.usage, billed.batch.sites
    sources = billed.rated.source.tolist()
    offsets = usage.offsets.tolist()
    has_export = usage.has_export.tolist()
    daily_imports = _daily_of_all(usage.import_wh, sites, offsets)
    found = _UsageBytes([b""] * len(rows), [b""] * len(rows), [b""] * len(rows))
    for place, row in enumerate(rows):
        if sources[row] != FROM_INTERVALS:
            continue
        span = slice(offsets[row], offsets[row + 1])
        hashed = hashlib.sha256(usage.import_wh[span].data)
        found.imports[place] = daily_imports[row]
        if has_export[row]:
            due = sites[row].due
            hashed.update(usage.export_wh[span].data)
            found.exports[place] = _daily(usage.export_wh[span], _day_starts(due.start, due.end))
        found.digests[place] = hashed.digest()[:DIGEST_BYTES]
    return found


def _daily_of_all(
    wh: NDArray[np.int32], sites: Sequence[Site], offsets: Sequence[int]
) -> list[bytes]:
    """Daily sums of each site; one sum over all days costs less than a call for each site."""
    starts = [_day_starts(site.due.start, site.due.end) for site in sites]
    firsts = np.repeat(np.array(offsets[:-1], dtype=np.int64), [own.size for own in starts])
    sums = _daily(wh, firsts + np.concatenate(starts))
    ends = np.cumsum([8 * own.size for own in starts]).tolist()
    return [sums[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


@lru_cache(maxsize=4096)
def _day_starts(start: dt.date, end: dt.date) -> Int64:
    counts = interval_counts(start, end)
    starts: Int64 = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)[:-1]))
    starts.flags.writeable = False
    return starts


def _daily(wh: NDArray[np.int32], starts: Int64) -> bytes:
    sums: Int64 = np.add.reduceat(wh, starts, dtype=np.int64)
    return sums.astype("<i8", copy=False).tobytes()
