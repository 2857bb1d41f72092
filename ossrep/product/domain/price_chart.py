"""A small picture of one price day."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.market_time import interval_start_minutes
from ossrep.product.domain.price_batch import MISSING

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 26, 26
_HOURS_BETWEEN_LABELS = 3


def price_day_svg(*, date: dt.date, prices: NDArray[np.int32]) -> str:
    """Steps of $/MWh over the local hours of a day; a gap where a price is missing.

    ``prices`` are 0.01 $/MWh, shape ``(92|96|100,)`` or ``(1,)``.
    """
    known = prices[prices != MISSING].astype(np.int64)
    if len(known) == 0:
        return ""
    low, high = min(0, int(known.min())), max(int(known.max()), 0)
    high = high if high > low else low + 100
    plot = _Plot(len(prices), low, high)
    parts = [*_value_axis(plot), *_hour_axis(plot, date), *_steps(plot, prices)]
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="Prices of {date}" font-family="sans-serif" font-size="11">{body}</svg>'
    )


class _Plot:
    """Turns interval numbers and prices into places on the page."""

    def __init__(self, count: int, low: int, high: int) -> None:
        self.count, self.low, self.high = count, low, high

    def x(self, index: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * index / self.count, 1)

    def y(self, price: float) -> float:
        share = (price - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)


def _value_axis(plot: _Plot) -> list[str]:
    parts: list[str] = []
    for price in sorted({plot.low, 0, plot.high}):
        y = plot.y(price)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#9aa" '
            f'stroke-width="0.6"/><text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end" '
            f'fill="currentColor">{price / 100:,.2f}</text>'
        )
    parts.append(f'<text x="{_LEFT - 6}" y="11" text-anchor="end" fill="currentColor">$/MWh</text>')
    return parts


def _hour_axis(plot: _Plot, date: dt.date) -> list[str]:
    if plot.count == 1:
        return []
    parts: list[str] = []
    for index, minute in enumerate(interval_start_minutes(date).tolist()):
        if minute % (60 * _HOURS_BETWEEN_LABELS) == 0:
            x = plot.x(index)
            parts.append(
                f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}" stroke="#9aa" '
                f'stroke-width="0.3"/><text x="{x}" y="{HEIGHT - 8}" text-anchor="middle" '
                f'fill="currentColor">{minute // 60:02}:00</text>'
            )
    return parts


def _steps(plot: _Plot, prices: NDArray[np.int32]) -> list[str]:
    path: list[str] = []
    pen_up = True
    for index, price in enumerate(prices.tolist()):
        if price == MISSING:
            pen_up = True
            continue
        y = plot.y(price)
        path.append(f"{'M' if pen_up else 'L'}{plot.x(index)} {y} L{plot.x(index + 1)} {y}")
        pen_up = False
    return [f'<path d="{" ".join(path)}" fill="none" stroke="#1b6ca8" stroke-width="1.6"/>']
