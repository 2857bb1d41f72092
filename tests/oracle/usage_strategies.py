"""Strategies of periods, of usage that lands on thresholds, and of market prices.

A few drawn weights are repeated over all quarter hours, so that a case of 40 days stays cheap to
draw and to shrink; a drawn total is spread over them.
"""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction

from hypothesis import strategies as st

from tests.oracle.documents import Document
from tests.oracle.exact import exact_text
from tests.oracle.market_days import PRORATIONS, Period, quarter_hour_minutes, share_of_month
from tests.oracle.number_strategies import (
    THRESHOLDS_KWH,
    decimals,
    kilowatts,
    market_prices,
    rarely,
)

Draw = st.DrawFn
DAYS_MAX = 40
CLOCK_CHANGES = (dt.date(2026, 3, 8), dt.date(2026, 11, 1))
FIRST_START, LAST_START = dt.date(2026, 1, 1), dt.date(2028, 12, 31)
ORDINARY_WH_MAX = 4_000_000
LARGE_WH_MAX = 1_000_000_000


@st.composite
def periods(draw: Draw) -> Period:
    """1 to 40 days, often with a clock change, often as long as a month."""
    days = draw(st.sampled_from((1, 2, 7, 14, 29, 30, 31)) | st.integers(1, DAYS_MAX))
    if draw(st.booleans()):
        change = draw(st.sampled_from(CLOCK_CHANGES))
        start = change - dt.timedelta(days=draw(st.integers(0, min(days, 8))))
    else:
        start = draw(st.dates(FIRST_START, LAST_START))
    return Period(start, start + dt.timedelta(days=days))


@st.composite
def totals_wh(draw: Draw, period: Period) -> int:
    """Wh of a period: nothing, anything, or a threshold (prorated or not) give or take 1 Wh."""
    threshold = draw(st.none() | st.sampled_from(THRESHOLDS_KWH))
    if threshold is None:
        return draw(st.sampled_from((0, 1, 250, 1000)) | st.integers(0, ORDINARY_WH_MAX) | _large())
    share = Fraction(1)
    if draw(rarely):
        share = share_of_month(draw(st.sampled_from(PRORATIONS)), period)
    edge = (Fraction(threshold) * share * 1000).__floor__()
    return max(edge + draw(st.sampled_from((0, 0, 0, -1, 1))), 0)


def _large() -> st.SearchStrategy[int]:
    return rarely.flatmap(lambda large: st.integers(0, LARGE_WH_MAX if large else ORDINARY_WH_MAX))


@st.composite
def usages(draw: Draw, *, period: Period, registers: bool, exports: bool) -> Document:
    """Usage by quarter hours, or registers with a peak; export where wanted, else perhaps."""
    imported = draw(totals_wh(period))
    exported = draw(totals_wh(period)) if exports or draw(st.booleans()) else None
    if registers:
        usage = {"import_kwh": exact_text(Fraction(imported, 1000)), "peak_kw": draw(kilowatts())}
        if exported is not None:
            usage["export_kwh"] = exact_text(Fraction(exported, 1000))
        return usage
    days: list[Document] = [
        {"date": str(date), "import_wh": wh}
        for date, wh in zip(period.days, draw(_spread(imported, period)), strict=True)
    ]
    if exported is not None:
        for day, wh in zip(days, draw(_spread(exported, period)), strict=True):
            if any(wh) or draw(st.booleans()):
                day["export_wh"] = wh
    return {"days": days}


@st.composite
def _spread(draw: Draw, total_wh: int, period: Period) -> list[list[int]]:
    """A total over the quarter hours in proportion to weights, the rest in one of them."""
    weights = draw(st.lists(st.sampled_from((0, 0, 1, 2, 7)), min_size=1, max_size=7))
    of_days = draw(st.lists(st.sampled_from((0, 1, 3)), min_size=1, max_size=3))
    pattern = itertools.cycle(weights)
    weighted = [
        [of_day * next(pattern) for _ in quarter_hour_minutes(date)]
        for date, of_day in zip(period.days, itertools.cycle(of_days), strict=False)
    ]
    whole = sum(map(sum, weighted))
    wh = [[total_wh * each // whole if whole else 0 for each in day] for day in weighted]
    rest = total_wh - sum(map(sum, wh))
    day = wh[draw(st.integers(0, len(wh) - 1))]
    day[draw(st.integers(0, len(day) - 1))] += rest
    return wh


@st.composite
def price_series(draw: Draw, *, period: Period, daily: bool) -> Document:
    """$/MWh for each quarter hour, a few drawn prices repeated; or one for each day."""
    pattern = itertools.cycle(draw(st.lists(market_prices(), min_size=1, max_size=7)))
    return {
        "days": [
            {
                "date": str(date),
                "usd_per_mwh": [next(pattern) for _ in ((0,) if daily else minutes)],
            }
            for date in period.days
            for minutes in (quarter_hour_minutes(date),)
        ]
    }


def banks_usd() -> st.SearchStrategy[str]:
    """A balance that comes in."""
    return st.sampled_from(("0", "28.35", "0.01")) | decimals(0, 20_000, 2)
