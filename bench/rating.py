"""Rating alone: service-point months a second on one core, a time-of-use plan with delivery.

Blocks of 500 service points, 30 days of 96 quarter hours each, cycled through a store of usage
that is larger than any cache. The plan and the tariff print nine lines. Compiling is done once
for a plan and a period and is not in the figure. Run alone: ``python -m bench.rating``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import statistics
import time

import numpy as np

from bench.figures import Figure
from ossrep.kernel.periods import DatePeriod
from ossrep.rating import (
    CompiledPlan,
    SiteFacts,
    UsageBlock,
    compile_plan,
    parse_plan,
    parse_tariff_rows,
    rate_block,
)

NAME = "rating, service-point months per second and core"
BAR = 100_000
AIM = 300_000
BLOCK_ROWS = 500
LINES = 9

PLAN = {
    "plan": "BENCH-NIGHTS-12",
    "name": "Bench nights",
    "brand": "bench",
    "product_type": "fixed",
    "customer_class": "residential",
    "term_months": 12,
    "components": [
        {"kind": "base_charge_monthly", "code": "base", "amount_usd": "9.95"},
        {
            "kind": "energy_time_of_use",
            "code": "energy",
            "buckets": [
                {
                    "name": "night",
                    "price_usd_per_kwh": "0.062",
                    "windows": [{"from": "21:00", "to": "06:00"}],
                }
            ],
            "otherwise": {"name": "day", "price_usd_per_kwh": "0.147"},
        },
        {
            "kind": "usage_credit",
            "code": "credit",
            "amount_usd": "35",
            "from_kwh": "0",
        },
        {"kind": "delivery", "code": "delivery"},
    ],
}
TARIFF = [
    {"code": code, "label": code, "unit": unit, "rate_usd": rate, "from": "2026-06-01"}
    for code, unit, rate in (
        ("CUSTOMER", "month", "1.48"),
        ("METERING", "month", "2.58"),
        ("DISTRIBUTION", "kwh", "0.036043"),
        ("TCRF", "kwh", "0.019046"),
        ("SURCHARGES", "kwh", "0.006233"),
    )
]


def compiled_plan() -> CompiledPlan:
    """The plan of the figure, made ready for a July of 30 days."""
    return compile_plan(
        plan=parse_plan(document=PLAN),
        period=DatePeriod(dt.date(2026, 7, 1), dt.date(2026, 7, 31)),
        tariff_rows=parse_tariff_rows(TARIFF),
    )


def rows_per_second(blocks: int, rounds: int) -> tuple[float, float]:
    """Medians of some rounds over a store of usage: by processor time, and by the clock."""
    compiled = compiled_plan()
    rng = np.random.default_rng(20260701)
    store = rng.integers(0, 2500, size=(blocks, BLOCK_ROWS, 30 * 96), dtype=np.int32)
    facts = SiteFacts.plain(BLOCK_ROWS)
    rows = blocks * BLOCK_ROWS
    by_processor, by_clock = [], []
    for _ in range(rounds):
        begin, begin_cpu = time.perf_counter(), time.thread_time()
        for usage_wh in store:
            usage = UsageBlock(period=compiled.period, import_wh=usage_wh)
            block = rate_block(compiled=compiled, usage=usage, facts=facts)
        by_processor.append(rows / (time.thread_time() - begin_cpu))
        by_clock.append(rows / (time.perf_counter() - begin))
        if int(block.present.sum()) != LINES * BLOCK_ROWS or block.refusals:
            raise AssertionError("every service point of the figure has nine lines")
    return statistics.median(by_processor), statistics.median(by_clock)


def run(quick: bool = False) -> list[Figure]:
    """The figure with its bar and its aim.

    Rating runs on one thread, so its processor time is the time of a core, also on a machine
    that does other things meanwhile; the note has the clock's figure beside it.
    """
    blocks, rounds = (4, 1) if quick else (40, 5)
    speed, by_clock = rows_per_second(blocks, rounds)
    note = (
        f"{blocks * BLOCK_ROWS:,} rows, blocks of {BLOCK_ROWS}, median of {rounds} rounds, "
        f"processor time; {by_clock:,.0f} by the clock"
    )
    return [Figure(name=NAME, value=round(speed), unit="1/s", bar=BAR, aim=AIM, note=note)]


if __name__ == "__main__":
    print(json.dumps([dataclasses.asdict(figure) for figure in run()]))
