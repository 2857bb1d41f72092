"""Short ways to a plan, a block of usage and its rated lines, for the tests of rating."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_counts
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import (
    CompiledPlan,
    Plan,
    PriceSeries,
    RatedBlock,
    SiteFacts,
    UsageBlock,
    compile_plan,
    parse_plan,
    parse_tariff_rows,
    rate_block,
)

JULY = DatePeriod(dt.date(2026, 7, 1), dt.date(2026, 7, 31))
"""Thirty days."""


def period(start: str, end: str) -> DatePeriod:
    return DatePeriod(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def document(*components: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    return {
        "plan": "TEST-12",
        "name": "Test",
        "brand": "acme",
        "product_type": "fixed",
        "customer_class": "residential",
        "term_months": 12,
        "components": [{"code": f"c{n}", **c} for n, c in enumerate(components)],
    } | top


def plan(*components: Mapping[str, Any], **top: Any) -> Plan:
    return parse_plan(document=document(*components, **top))


def compiled(
    *components: Mapping[str, Any],
    over: DatePeriod = JULY,
    tariff: Sequence[Mapping[str, Any]] = (),
    received_delivery: bool = False,
    **top: Any,
) -> CompiledPlan:
    return compile_plan(
        plan=plan(*components, **top),
        period=over,
        tariff_rows=parse_tariff_rows([row(**entry) for entry in tariff]),
        received_delivery=received_delivery,
    )


def row(**fields: Any) -> dict[str, Any]:
    return {"label": fields["code"], "from": "2026-01-01", **fields}


def quarter_hours(over: DatePeriod) -> int:
    return int(interval_counts(over.start, over.end).sum())


def flat_wh(over: DatePeriod, *wh: int) -> NDArray[np.int32]:
    """A row for each value, the same Wh in every quarter hour."""
    return np.repeat(np.array([wh], dtype=np.int32).T, quarter_hours(over), axis=1)


def registers(
    *import_wh: int,
    over: DatePeriod = JULY,
    export_wh: Sequence[int] | None = None,
    peak_w: Sequence[int] | None = None,
) -> UsageBlock:
    return UsageBlock(
        period=over,
        register_import_wh=np.array(import_wh, dtype=np.int64),
        register_export_wh=None if export_wh is None else np.array(export_wh, dtype=np.int64),
        register_peak_w=None if peak_w is None else np.array(peak_w, dtype=np.int64),
    )


def facts(
    rows: int,
    *,
    prior_peak_w: int = 0,
    bank_in_cents: int = 0,
    first_bill: bool = False,
    final_bill: bool = False,
) -> SiteFacts:
    return SiteFacts(
        prior_peak_w=np.full(rows, prior_peak_w, dtype=np.int64),
        bank_in_cents=np.full(rows, bank_in_cents, dtype=np.int64),
        first_bill=np.full(rows, first_bill, dtype=np.bool_),
        final_bill=np.full(rows, final_bill, dtype=np.bool_),
    )


def rated(
    ready: CompiledPlan,
    usage: UsageBlock,
    site_facts: SiteFacts | None = None,
    prices: Mapping[str, PriceSeries] | None = None,
) -> RatedBlock:
    return rate_block(
        compiled=ready,
        usage=usage,
        facts=site_facts or SiteFacts.plain(usage.rows),
        prices=prices or {},
    )


def cents(block: RatedBlock, of_row: int = 0) -> list[int]:
    """The amounts that a row prints, in printed order."""
    return [int(c) for c in block.amount_cents[of_row][block.present[of_row]]]


def printed(block: RatedBlock, of_row: int = 0) -> list[tuple[str, str | None, int]]:
    """Kind, bucket and cents of the lines that a row prints."""
    return [
        (template.kind, template.bucket, int(block.amount_cents[of_row, line]))
        for line, template in enumerate(block.templates)
        if block.present[of_row, line]
    ]
